// Frames of the link: a length of four bytes, big-endian, and so many bytes. Cuts a stream of bytes into frames and back; knows no
// message.
import { encodeMessage } from "../codec.ts";
import { ProtocolError } from "../errors.ts";
import { LINK_LIMITS } from "./limits.ts";

/** Bytes before each frame. */
export const LENGTH_BYTES = 4;

/** One message as a frame. Throws a ProtocolError when it is larger than a frame may be. */
export function frameOf(message: object): Uint8Array {
  const body = encodeMessage(message);
  const frame = new Uint8Array(LENGTH_BYTES + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, LENGTH_BYTES);
  return frame;
}

/** Cuts what arrives into frames. Holds at most one frame that is not whole, and reserves nothing for bytes that have not come. */
export class Frames {
  #parts: Uint8Array[] = [];
  #held = 0;

  /**
   * The frames that these bytes complete, without their lengths. Throws a ProtocolError at a length that no frame has: from there on
   * nothing in the stream means anything.
   */
  *take(bytes: Uint8Array): Generator<Uint8Array> {
    this.#parts.push(bytes);
    this.#held += bytes.length;
    while (this.#held >= LENGTH_BYTES) {
      const length = this.#length();
      if (length === 0 || length > LINK_LIMITS.frameBytes) {
        throw new ProtocolError(
          "bad_frame",
          `a frame of ${length} bytes is not from 1 to ${LINK_LIMITS.frameBytes}`,
          "Send a length of four bytes, big-endian, and so many bytes of CBOR. Other protocols have no business here.",
        );
      }
      if (this.#held < LENGTH_BYTES + length) return;
      const all = this.#joined();
      this.#parts = [all.subarray(LENGTH_BYTES + length)];
      this.#held -= LENGTH_BYTES + length;
      yield all.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
    }
  }

  #length(): number {
    if ((this.#parts[0] as Uint8Array).length < LENGTH_BYTES) this.#parts = [this.#joined()];
    const first = this.#parts[0] as Uint8Array;
    return new DataView(first.buffer, first.byteOffset, first.byteLength).getUint32(0);
  }

  #joined(): Uint8Array {
    return this.#parts.length === 1 ? (this.#parts[0] as Uint8Array) : Buffer.concat(this.#parts);
  }
}
