/** For who types and is no recording: words and sentences of common lengths, and characters of one to three bytes. */
export const PROSE = `The harbour office opens at seven, and by a quarter past there is already a queue. Most of the people in it have come about moorings; \
one or two want to know when the ferry will run again. Nobody knows. Mrs. Halloran, who has kept the ledger for nineteen years, writes down every question \
all the same, because, as she says, a question that is written down is half answered. She has a point. Last spring the council asked how often the crane had \
failed, and only her ledger could tell: eleven times, always on a Tuesday.
There is a café across the road – “Chez André”, though André sold it long ago – where the crews wait for their papers. Its coffee is strong and its chairs \
are not. On wet mornings the windows steam up so thoroughly that you have to wipe a hole to see whether your boat is still there. Somebody always makes the \
joke that it isn’t. Somebody else always laughs, out of kindness.
Prices for the new season: berths up to 8 m cost 240 €, up to 12 m 390 €, and anything longer is agreed upon with the harbour master in person. Payment is \
due before the first of April. Whoever pays late loses the place on the inner quay, and gets one at the outer wall, where the swell comes in and the gulls \
do what gulls do.
A short list, pinned to the door: keep the steps clear; coil your lines; no fires; dogs on a lead; and please, when you leave, shut the gate behind you. The \
gate squeaks. It has squeaked since the storm, and it will squeak until somebody brings a can of oil, which everyone intends to do tomorrow.
When the fog lifts, around ten, the whole place changes. Engines cough and start, ropes go slack, and for half an hour all that had seemed impossible is \
simply done: crates are stacked, nets folded, children sent to school. Then the last boat passes the light, the wake settles against the stones, and it is \
so quiet that you can hear the pen in the office, scratching its way down another page.
`;
