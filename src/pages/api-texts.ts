import type { Language } from "../report/language.ts";

/* Words of the page with the API's documentation; what the document itself says is English, as the API is. */

const indonesian = {
  title: "Dokumentasi API",
  lead: "Semua alamat, parameter, dan bentuk jawaban, dibuat dari program ini sendiri. Halaman ini tidak memerlukan internet.",
  document: "Dokumen OpenAPI 3.1",
  language: "Uraian setiap alamat hanya ada dalam bahasa Inggris, seperti API itu sendiri.",
  keys: "Kunci",
  keysLead: "Kunci dikirim di setiap permintaan:",
  keyKinds: {
    apiKey: "Kunci API",
    partnerKey: "Kunci penyedia",
    agentKey: "Kunci agen",
  } as Record<string, string>,
  scope: "lingkup",
  open: "Tanpa kunci",
  sections: "Bagian",
  all: "Semua bagian",
  operations: (count: number) => `${count} alamat`,
  parameters: "Parameter",
  name: "Nama",
  place: "Di",
  type: "Jenis",
  description: "Uraian",
  required: "wajib",
  body: "Isi",
  messages: "Yang dikirim ke alamat Anda",
  messageTypes: "Jenis pesan",
  headers: "Kepala jawaban",
  headersLead: "Setiap jawaban dengan kunci memuatnya; yang lain disebut di alamatnya.",
  answered: "Kolom jawaban dan contoh",
  answers: "Jawaban",
  status: "Status",
  schemas: "Bentuk data",
  fields: "Kolom",
};

type ApiTexts = typeof indonesian;

const english: ApiTexts = {
  title: "API documentation",
  lead: "Every address, parameter and answer, made from this program itself. This page needs no internet.",
  document: "OpenAPI 3.1 document",
  language: "",
  keys: "Keys",
  keysLead: "A key is sent with each request:",
  keyKinds: {
    apiKey: "API key",
    partnerKey: "A provider's key",
    agentKey: "An agent's key",
  },
  scope: "scope",
  open: "Without a key",
  sections: "Sections",
  all: "All sections",
  operations: (count) => `${count} ${count === 1 ? "address" : "addresses"}`,
  parameters: "Parameters",
  name: "Name",
  place: "In",
  type: "Type",
  description: "Description",
  required: "required",
  body: "Body",
  messages: "What is sent to your address",
  messageTypes: "Types of messages",
  headers: "Header fields of answers",
  headersLead: "Every answer to a key has them; others are named at their address.",
  answered: "Fields of the answer, and an example",
  answers: "Answers",
  status: "Status",
  schemas: "Shapes",
  fields: "Fields",
};

export const apiTexts: Record<Language, ApiTexts> = { id: indonesian, en: english };
