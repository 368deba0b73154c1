/* Addresses of the pages that others lead to. */

export const apiPath = "/docs";
export const openDataPath = "/data-terbuka";
export const reachPath = "/layanan-aduan";
