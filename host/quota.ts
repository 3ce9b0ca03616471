// How many events may leave: a token bucket a probe, then one for the process. Knows no clock; the caller passes the time.
// Never counts hits: that is the probe's business.

/** A token bucket. Times are milliseconds of a steady clock. */
export class Bucket {
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #refilledAt = Number.NEGATIVE_INFINITY;
  #spentAt = Number.NEGATIVE_INFINITY;

  /** `burst` is one second's worth unless told otherwise, and at least one token, else a rate below one never passes. */
  constructor(perSecond: number, burst: number = Math.max(1, perSecond)) {
    this.#perMs = perSecond / 1000;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Whether a token can be had while `reserve` others stay. */
  ready(nowMs: number, reserve = 0): boolean {
    if (nowMs > this.#refilledAt) {
      if (this.#refilledAt !== Number.NEGATIVE_INFINITY) {
        this.#tokens = Math.min(this.#burst, this.#tokens + (nowMs - this.#refilledAt) * this.#perMs);
      }
      this.#refilledAt = nowMs;
    }
    return this.#tokens >= 1 + reserve;
  }

  /** Takes one token; call it only after `ready` said so. */
  spend(nowMs: number): void {
    this.#tokens -= 1;
    this.#spentAt = nowMs;
  }

  /** Milliseconds since the last token was taken. */
  idleMs(nowMs: number): number {
    return nowMs - this.#spentAt;
  }
}

/**
 * How much of the program's time something may take: a share of it, of which some milliseconds can be saved up. Taking is never
 * refused, because how long it takes is known only afterwards; what was too much is waited for.
 */
export class TimeQuota {
  readonly #share: number;
  readonly #savedMs: number;
  #leftMs: number;
  #at = Number.NEGATIVE_INFINITY;

  constructor(share: number, savedMs: number) {
    this.#share = share;
    this.#savedMs = savedMs;
    this.#leftMs = savedMs;
  }

  /** Whether there is any time left. */
  ready(nowMs: number): boolean {
    if (nowMs > this.#at) {
      if (this.#at !== Number.NEGATIVE_INFINITY) {
        this.#leftMs = Math.min(this.#savedMs, this.#leftMs + (nowMs - this.#at) * this.#share);
      }
      this.#at = nowMs;
    }
    return this.#leftMs > 0;
  }

  /** Takes the time from one moment to another. */
  spend(fromMs: number, toMs: number): void {
    this.#leftMs -= Math.max(0, toMs - fromMs);
  }
}

/** A probe that has emitted nothing for so long, in milliseconds, is quiet and may use the process's reserve. */
const QUIET_MS = 1000;

/** The share of the process's rate that busy probes leave for quiet ones. */
const RESERVE_SHARE = 0.1;

/** The rate of all probes together. */
export class ProcessQuota {
  readonly #bucket: Bucket;
  readonly #reserve: number;

  constructor(perSecond: number) {
    this.#bucket = new Bucket(perSecond);
    this.#reserve = perSecond * RESERVE_SHARE;
  }

  /**
   * Whether a probe may emit now; takes a token from both buckets if so, from none if not. The probe's own rate is asked
   * first, and busy probes cannot take the last tenth: so neither one hot probe nor many starve a quiet one.
   */
  admit(own: Bucket, nowMs: number): boolean {
    if (!own.ready(nowMs)) return false;
    if (!this.#bucket.ready(nowMs, own.idleMs(nowMs) >= QUIET_MS ? 0 : this.#reserve)) return false;
    own.spend(nowMs);
    this.#bucket.spend(nowMs);
    return true;
  }
}
