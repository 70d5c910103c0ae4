/**
 * The net result of additions and removals: a chunk that was added and removed again is in neither. One that was removed and
 * added again has changed, and is in both.
 */
export class NetChange<Value> {
  readonly added = new Map<number, Value>();
  readonly removed = new Set<number>();

  add(key: number, value: Value): void {
    this.added.set(key, value);
  }

  remove(key: number): void {
    if (!this.added.delete(key)) this.removed.add(key);
  }

  clear(): void {
    this.added.clear();
    this.removed.clear();
  }
}
