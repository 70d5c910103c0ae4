import type { DocumentInput } from "arrwdb-client";

/** Ids that are hard to put into an address, or into a line. */
export const hardIds = {
  url: "https://example.com/a b/?q=1&r=%2F#top",
  quoted: `a "quoted" / it's \\ <b>&amp;</b>`,
  long: "long/".repeat(102).slice(0, 512),
} as const;

/** Documents with what a page has to show readably: nested metadata, expiries, generated titles, hard ids. */
export const consoleDocuments: readonly DocumentInput[] = [
  {
    id: hardIds.url,
    title: "Paying by card",
    texts: ["You can pay by card or bank transfer.", "A receipt of each payment is sent by mail."],
    author: "Ada",
    tags: ["billing", "faq"],
    customer: { name: "Ben", address: { city: "London", lines: ["1 High Street", "Flat 2"] } },
    items: [
      { name: "pen", price: 2 },
      { name: "cup", price: 9 },
    ],
    year: 2020,
  },
  {
    id: hardIds.quoted,
    text: "Invoices are sent on the first day of each month, to the address of whoever has ordered, whatever was bought.",
    author: "Ada",
    tags: "billing",
    year: 2021,
    expires_at: "2099-01-31T12:00:00Z",
  },
  {
    id: hardIds.long,
    title: "A title that goes on and on".repeat(12),
    text: "Payments that fail are tried again after three days.",
    author: "Cid",
    tags: ["billing"],
    year: 2021,
    averylongfieldnamewithoutanyspace: "x".repeat(300),
  },
  { title: "Parcels", text: "Parcels are sent with a tracking number.", author: "Cid", tags: ["delivery"], year: 2022 },
  { title: "Returns", text: "Send a parcel back within thirty days.", author: "Dan", year: "2022", open: true },
];
