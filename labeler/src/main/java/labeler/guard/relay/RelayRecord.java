package labeler.guard.relay;

import java.util.Optional;
import labeler.linux.LinuxException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the state of a relay after each turn of the loop in which it changed. Between the first byte that a turn reads or
 * writes and the end of the turn there is no state: a service that ends there does not know where the streams stand.
 */
final class RelayRecord {
    private static final Logger LOG = LoggerFactory.getLogger(RelayRecord.class);

    /** A peer that reads so little is waited for: writing the same bytes again at each event would take too long. */
    private static final int MOST_UNREAD = 64 << 10;

    private final Optional<StateRecord> kept;
    private final EventLoop loop;
    private final Source source;
    private final Runnable changed;
    private boolean isChanging;

    /** Tells where the connections stand. */
    @FunctionalInterface
    interface Source {
        /** Empty if that cannot be told. */
        Optional<RelayState> state() throws LinuxException;
    }

    /** @param changed is told at the end of each turn with a change */
    RelayRecord(Optional<StateRecord> kept, EventLoop loop, Source source, Runnable changed) {
        this.kept = kept;
        this.loop = loop;
        this.source = source;
        this.changed = changed;
    }

    boolean isKept() {
        return kept.isPresent();
    }

    /** Something is about to change. */
    void changing() {
        if (!isChanging) {
            isChanging = true;
            kept.ifPresent(StateRecord::change);
            loop.atTurnEnd(this::turned);
        }
    }

    private void turned() {
        isChanging = false;
        changed.run();
        write(MOST_UNREAD);
    }

    /** Writes the state for the last time. */
    void writeAll() {
        write(Integer.MAX_VALUE);
    }

    private void write(int mostUnread) {
        if (kept.isEmpty()) {
            return;
        }
        try {
            source.state().filter(state -> state.unread() <= mostUnread).ifPresent(kept.get()::write);
        } catch (LinuxException e) {
            LOG.warn("cannot tell where the connections of a guarded monitor stand: {}", e.getMessage());
        }
    }
}
