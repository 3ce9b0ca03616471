// Probes and recent events on disk: the only file that imports `lmdb`, and owns its settings. Events are numbered here, from 1
// without gaps, and the oldest go when there are too many. It keeps what it is given and checks nothing.
import { type Database, open, type RootDatabase } from "lmdb";
import { decodeMessage, encodeMessage, type ProbeEvent, type ProbeSpec } from "../host/index.ts";

/** How much is kept. */
export interface StoreLimits {
  readonly events: number;
  readonly eventBytes: number;
}

/** What is known of a kept event without reading it. */
export interface Entry {
  readonly eventId: string;
  readonly probeId: string;
  readonly size: number;
}

/** An open store. Reads are immediate; writes are together in one transaction each turn of the event loop. */
export class Store {
  readonly #root: RootDatabase<Buffer, string>;
  readonly #probes: Database<Buffer, string>;
  /** seq to the event as it is sent to clients. */
  readonly #events: Database<Buffer, number>;
  /** seq to Entry, so that a start need not read all events. */
  readonly #index: Database<Buffer, number>;
  readonly #limits: StoreLimits;
  /** Entries of #first and the following ones; those before #gone are left over until the list is compacted. */
  #entries: Entry[] = [];
  #gone = 0;
  #first = 1;
  #bytes = 0;
  readonly #seqOfId = new Map<string, number>();

  constructor(folder: string, limits: StoreLimits) {
    this.#limits = limits;
    this.#root = open<Buffer, string>({ path: folder, encoding: "binary", maxDbs: 4, noSubdir: false });
    this.#probes = this.#root.openDB<Buffer, string>({ name: "probes", encoding: "binary" });
    this.#events = this.#root.openDB<Buffer, number>({ name: "events", encoding: "binary", keyEncoding: "uint32" });
    this.#index = this.#root.openDB<Buffer, number>({ name: "index", encoding: "binary", keyEncoding: "uint32" });
    for (const { key, value } of this.#index.getRange({})) {
      if (this.#entries.length === 0) this.#first = key;
      this.#add(decodeMessage(value) as Entry);
    }
  }

  /** The oldest kept event. */
  get firstSeq(): number {
    return this.#first;
  }

  /** The newest event that was appended, 0 before the first. */
  get lastSeq(): number {
    return this.#first + this.#entries.length - this.#gone - 1;
  }

  /** All probes, in no order. */
  probes(): ProbeSpec[] {
    return [...this.#probes.getRange({})].map(({ value }) => decodeMessage(value) as ProbeSpec);
  }

  /** Keeps a probe; fulfilled when it is on disk. */
  async putProbe(probe: ProbeSpec): Promise<void> {
    await this.#probes.put(probe.id, encodeMessage(probe) as Buffer);
  }

  /** Forgets a probe. */
  async removeProbe(id: string): Promise<void> {
    await this.#probes.remove(id);
  }

  /** The number of an event that is kept already, or undefined: agents repeat what they do not know to be kept. */
  seqOf(eventId: string): number | undefined {
    return this.#seqOfId.get(eventId);
  }

  /** Numbers and keeps an event. `stored` is fulfilled when a crash of the process cannot lose it any more. */
  append(event: ProbeEvent): { readonly seq: number; readonly stored: Promise<unknown> } {
    const seq = this.lastSeq + 1;
    const bytes = encodeMessage({ ...event, seq }) as Buffer;
    const entry = { eventId: event.eventId, probeId: event.probeId, size: bytes.length };
    this.#add(entry);
    const writes: Promise<unknown>[] = [
      this.#events.put(seq, bytes),
      this.#index.put(seq, encodeMessage(entry) as Buffer),
    ];
    while (this.#entries.length - this.#gone > 1 && this.#isOver()) writes.push(...this.#dropFirst());
    return { seq, stored: Promise.all(writes) };
  }

  /** What is known of a kept event. */
  entry(seq: number): Entry | undefined {
    return seq < this.#first ? undefined : this.#entries[this.#gone + seq - this.#first];
  }

  /** A stored event as it is sent to clients. */
  read(seq: number): Uint8Array | undefined {
    return this.#events.get(seq);
  }

  /** The number before the last `count` events (of a probe), from which a replay starts, and how many there are. */
  before(count: number, probeId: string | undefined, last: number): { readonly seq: number; readonly found: number } {
    let seq = last;
    let found = 0;
    for (; seq >= this.#first && found < count; seq--) {
      if (probeId === undefined || this.entry(seq)?.probeId === probeId) found++;
    }
    return { seq, found };
  }

  /** Writes what is left and closes. */
  async close(): Promise<void> {
    await this.#root.flushed;
    await this.#root.close();
  }

  #isOver(): boolean {
    return this.#entries.length - this.#gone > this.#limits.events || this.#bytes > this.#limits.eventBytes;
  }

  #add(entry: Entry): void {
    this.#entries.push(entry);
    this.#bytes += entry.size;
    this.#seqOfId.set(entry.eventId, this.lastSeq);
  }

  #dropFirst(): Promise<unknown>[] {
    const seq = this.#first++;
    const { eventId, size } = this.#entries[this.#gone++]!;
    this.#bytes -= size;
    if (this.#seqOfId.get(eventId) === seq) this.#seqOfId.delete(eventId);
    if (this.#gone > 1000) {
      this.#entries = this.#entries.slice(this.#gone);
      this.#gone = 0;
    }
    return [this.#events.remove(seq), this.#index.remove(seq)];
  }
}
