package io.quorate.server.storage.file;

/**
 * What becomes of one position of a segment, decided from what was read there: the whole answer to
 * damage (R12) in one table.
 *
 * <p>An identifier is written only after the sync of its entry returned, and acknowledged only
 * after its own sync. So anything but zeros in its slot, or in any later slot, proves that the
 * entry was durable, and an entry that was never proven durable was never acknowledged.
 *
 * <pre>
 *   slot                       entry intact        entry damaged     nothing there
 *   valid                      KEEP (1)            HOLE              HOLE
 *   damaged, or zeros with
 *     a later slot in use      REBUILD             LOST              LOST
 *   zeros, and all after it    REBUILD             CUT               END
 * </pre>
 *
 * (1) unless they name different entries: then {@link #LOST}, because one of them lies.
 */
enum Verdict {
  /** Identifier and entry are intact and agree. */
  KEEP,
  /** The entry is intact; its identifier is made anew from it. */
  REBUILD,
  /** The identifier says which entry was here; the entry itself is damaged. Kept as a hole. */
  HOLE,
  /** A torn tail: never acknowledged. This and everything after it is cut. */
  CUT,
  /** The log ends here. */
  END,
  /** An entry was durable here, and nothing tells which. Storage must not invent: it refuses. */
  LOST;

  /** What was found in an identifier slot. */
  enum Slot {
    VALID,
    DAMAGED,
    BLANK
  }

  /** What was found where the entry has to be. */
  enum Entry {
    INTACT,
    DAMAGED,
    BLANK
  }

  /**
   * The table above.
   *
   * @param laterSlotUsed whether any later slot is not blank
   * @param agree whether a valid identifier and an intact entry name the same zxid and hash
   */
  static Verdict of(Slot slot, boolean laterSlotUsed, Entry entry, boolean agree) {
    if (slot == Slot.VALID) {
      return entry != Entry.INTACT ? HOLE : agree ? KEEP : LOST;
    }
    if (entry == Entry.INTACT) {
      return REBUILD;
    }
    if (slot == Slot.DAMAGED || laterSlotUsed) {
      return LOST;
    }
    return entry == Entry.BLANK ? END : CUT;
  }
}
