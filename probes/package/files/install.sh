#!/bin/sh
# Installs the Sambung agent from the folder this file is in, or upgrades it. Spool and key of an agent that is already
# there stay. Texts: Indonesian, or English with SAMBUNG_LANG=en.
set -eu

say() { if [ "${SAMBUNG_LANG:-id}" = en ]; then printf '%s\n' "$2"; else printf '%s\n' "$1"; fi; }
fail() { say "Gagal: $1" "Failed: $2" >&2; exit 1; }
misused() { say "Pemakaian salah: $1" "Wrong usage: $2" >&2; usage >&2; exit 2; }
usage() {
  say 'Pemakaian: sudo ./install.sh --server https://… --token sbe_… [--no-start]
  --server      alamat kolektor; wajib pada pemasangan pertama. Dapat diulang, yang pertama diutamakan
  --via         jalan keluar: alamat mesin ini atau antarmuka. Dapat diulang, yang pertama diutamakan
  --ca FILE     hanya CA ini yang diterima sebagai penerbit sertifikat kolektor (PEM)
  --cert FILE --key FILE
                sertifikat dan kunci agen sendiri, bila kolektor memintanya (PEM)
  --token       token sekali pakai dari administrator; wajib pada pemasangan pertama. Agar tidak terlihat di daftar
                proses: SAMBUNG_TOKEN, atau --token-file FILE
  --no-start    pasang saja, jangan jalankan
  --prefix DIR  pasang di bawah DIR dan jangan sentuh systemd: untuk membuat image' \
      'Usage: sudo ./install.sh --server https://… --token sbe_… [--no-start]
  --server      address of the collector; needed at the first installation. May be repeated, the first is preferred
  --via         way out: an address of this machine, or an interface. May be repeated, the first is preferred
  --ca FILE     the only CA that may have issued the certificate of the collector (PEM)
  --cert FILE --key FILE
                certificate and key of the agent itself, where the collector asks for one (PEM)
  --token       one-time token from the administrator; needed at the first installation. To keep it off the list of
                processes: SAMBUNG_TOKEN, or --token-file FILE
  --no-start    install only, do not start
  --prefix DIR  install below DIR and leave systemd alone: for making images'
}

needs_value() { [ "$2" -ge 2 ] || misused "$1 tanpa nilai" "$1 has no value"; }

main() {
  server= via= ca= cert= key= token=${SAMBUNG_TOKEN:-} start=yes prefix=
  while [ $# -gt 0 ]; do
    case $1 in
      --server) needs_value "$1" $#; check_server "$2"; server="${server:+$server }$2"; shift 2 ;;
      --via) needs_value "$1" $#; check_word "$1" "$2"; via="${via:+$via }$2"; shift 2 ;;
      --ca) needs_value "$1" $#; check_file "$2"; ca=$2; shift 2 ;;
      --cert) needs_value "$1" $#; check_file "$2"; cert=$2; shift 2 ;;
      --key) needs_value "$1" $#; check_file "$2"; key=$2; shift 2 ;;
      --token) needs_value "$1" $#; token=$2; shift 2 ;;
      --token-file)
        needs_value "$1" $#
        check_file "$2"
        token=$(cat "$2"); shift 2 ;;
      --prefix) needs_value "$1" $#; prefix=${2%/}; shift 2 ;;
      --no-start) start=no; shift ;;
      -h|--help) usage; exit 0 ;;
      *) misused "$1 tidak dikenal" "$1 is not known" ;;
    esac
  done
  here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
  home=$prefix/opt/sambung-agent
  etc=$prefix/etc/sambung-agent
  unit=$prefix/etc/systemd/system/sambung-agent.service

  check_arguments
  check_machine
  stop_old
  put_files
  put_settings
  remove='sudo sambung-agent-remove'
  # The host's own command would remove the host's own agent.
  if [ -n "$prefix" ]; then remove="$home/sambung-agent-remove --prefix $prefix"; else enable_unit; fi
  say "Terpasang: sambung-agent $(cat "$home/VERSION") di $home. Lepas dengan: $remove" \
    "Installed: sambung-agent $(cat "$home/VERSION") in $home. Remove with: $remove"
}

check_file() { [ -r "$1" ] || fail "$1 tidak dapat dibaca" "$1 cannot be read"; }

# What goes into the file of the environment, where these have a meaning.
check_word() {
  case $2 in ''|*[[:space:]\"\'\\]*) misused "$1: ada spasi, kutip atau garis miring terbalik, atau kosong" \
    "$1: it has a space, a quote or a backslash, or nothing" ;; esac
}

check_server() {
  check_word --server "$1"
  case $1 in
    https://?*) ;;
    http://127.*|http://localhost*|'http://[::1]'*) ;;
    http://?*) say "Peringatan: $1 tidak memakai https; kunci agen dapat dibaca di jalan." \
      "Warning: $1 is not https; the agent's key can be read on the way." >&2 ;;
    *) misused "--server: $1 tidak diizinkan; harus alamat http atau https" \
      "--server: $1 is not allowed; expected an http or https address" ;;
  esac
}

check_arguments() {
  if [ -z "$server" ]; then
    grep -q '^SAMBUNG_SERVER=' "$etc/env" 2>/dev/null || misused '--server tidak ada' '--server is missing'
  fi
  if [ -n "$cert" ] && [ -z "$key" ]; then misused '--cert: tanpa --key' '--cert: without --key'; fi
  if [ -n "$key" ] && [ -z "$cert" ]; then misused '--key: tanpa --cert' '--key: without --cert'; fi
  if [ -n "$token" ]; then
    # The value is a secret and is not repeated.
    printf '%s\n' "$token" | grep -Eqx 'sbe_[0-9A-Za-z]{36}' ||
      misused '--token: harus sbe_ dan 36 huruf atau angka' '--token: expected sbe_ and 36 letters or digits'
  elif [ ! -e "$etc/token" ] && ! has_state; then
    misused '--token tidak ada' '--token is missing'
  fi
}

# An agent that was enrolled here before needs no token.
has_state() { [ -d "$prefix/var/lib/private/sambung-agent" ] || [ -d "$prefix/var/lib/sambung-agent" ]; }

check_machine() {
  [ -n "$prefix" ] || [ "$(id -u)" -eq 0 ] || fail 'jalankan dengan sudo' 'run it with sudo'
  wanted=$(cat "$here/ARCH")
  case $(uname -m) in
    x86_64|amd64) found=x64 ;;
    aarch64|arm64) found=arm64 ;;
    *) found=$(uname -m) ;;
  esac
  [ "$found" = "$wanted" ] ||
    fail "paket ini untuk $wanted, mesin ini $found. ARM 32-bit: pakai Telegraf (sambung agents telegraf)" \
      "this package is for $wanted, this machine is $found. 32-bit ARM: use Telegraf (sambung agents telegraf)"
  "$here/bin/node" --version >/dev/null 2>&1 ||
    fail 'Node di paket ini tidak dapat berjalan: perlu glibc 2.28 atau lebih baru (Debian 10, Ubuntu 20.04), bukan musl' \
      'the Node of this package does not run: it needs glibc 2.28 or newer (Debian 10, Ubuntu 20.04), not musl'
  if [ -z "$prefix" ] && [ ! -d /run/systemd/system ]; then
    fail 'mesin ini tidak memakai systemd; yang lain tidak didukung pemasang ini. Pakai container (Containerfile), atau jalankan sendiri: ./sambung-agent run' \
      'this machine does not run systemd, and this installer supports nothing else. Use the container (Containerfile), or run it yourself: ./sambung-agent run'
  fi
  PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
  command -v ping >/dev/null ||
    fail 'perintah ping tidak ada. Jalankan: sudo apt-get install iputils-ping fping' \
      'there is no ping command. Run: sudo apt-get install iputils-ping fping'
  command -v fping >/dev/null ||
    say 'Catatan: fping tidak ada; untuk banyak sasaran jalankan: sudo apt-get install fping' \
      'Note: there is no fping; for many targets run: sudo apt-get install fping' >&2
}

# It reads some of its files only when it needs them: while they are replaced it must not run.
stop_old() {
  if [ -z "$prefix" ] && systemctl --quiet is-active sambung-agent.service; then
    systemctl stop sambung-agent.service
  fi
}

put_files() {
  mkdir -p "$prefix/opt" "$prefix/usr/local/bin" "$prefix/usr/local/sbin" "$prefix/etc/systemd/system"
  if [ "$here" != "$(readlink -f "$home" 2>/dev/null || true)" ]; then
    rm -rf "$home.new" "$home.old"
    mkdir "$home.new"
    cp -R "$here/." "$home.new/"
    if [ "$(id -u)" -eq 0 ]; then chown -R 0:0 "$home.new"; fi
    chmod -R u=rwX,go=rX "$home.new"
    if [ -e "$home" ]; then mv "$home" "$home.old"; fi
    mv "$home.new" "$home"
    rm -rf "$home.old"
  fi
  ln -sfn ../../../opt/sambung-agent/sambung-agent "$prefix/usr/local/bin/sambung-agent"
  ln -sfn ../../../opt/sambung-agent/sambung-agent-remove "$prefix/usr/local/sbin/sambung-agent-remove"
  cp "$home/sambung-agent.service" "$unit"
  chmod 0644 "$unit"
}

# Root's alone: the service manager reads both files before it gives up root.
put_settings() {
  umask 077
  mkdir -p "$etc"
  if [ -n "$server" ]; then put_setting SAMBUNG_SERVER "$server"; fi
  if [ -n "$via" ]; then put_setting SAMBUNG_VIA "$via"; fi
  if [ -n "$ca" ]; then put_secret "$ca" ca.pem; fi
  if [ -n "$cert" ]; then put_secret "$cert" cert.pem; put_secret "$key" key.pem; fi
  if [ -n "$token" ]; then
    printf '%s\n' "$token" >"$etc/token.new"
    mv "$etc/token.new" "$etc/token"
  fi
  umask 022
}

put_setting() {
  value=$2
  case $value in *' '*) value=\"$value\" ;; esac
  { if [ -e "$etc/env" ]; then grep -v "^$1=" "$etc/env" || true; fi
    printf '%s=%s\n' "$1" "$value"
  } >"$etc/env.new"
  mv "$etc/env.new" "$etc/env"
}

put_secret() {
  cat "$1" >"$etc/$2.new"
  mv "$etc/$2.new" "$etc/$2"
}

enable_unit() {
  systemctl daemon-reload
  systemctl --quiet enable sambung-agent.service
  [ "$start" = yes ] || return 0
  # Ready means enrolled, which behind a dead uplink may take days: look for some seconds, and say what is seen.
  systemctl --no-block restart sambung-agent.service
  seconds=0
  while [ "$seconds" -lt 20 ]; do
    sleep 1
    seconds=$((seconds + 1))
    case $(systemctl is-active sambung-agent.service || true) in
      active) say 'Agen terdaftar dan berjalan.' 'The agent is enrolled and running.'; return 0 ;;
      failed) break ;;
    esac
  done
  say 'Agen belum siap; ia terus mencoba. Log terakhir:' 'The agent is not ready yet; it goes on trying. Its last log:' >&2
  journalctl --unit=sambung-agent.service --lines=5 --no-pager --output=cat >&2 || true
}

main "$@"
exit 0
