package labeler.guard.judge;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.linux.HostPath;

/** The files that qemu may still be closing, each with the time since when. */
final class SettlingFiles {
    /** qemu closes some files up to 61 ms after it has said that it is done. */
    static final Duration TIME = Duration.ofSeconds(1);

    private final Map<HostPath, Long> since = new HashMap<>();
    private final LongSupplier clock;

    /** @param clock nanoseconds since any time, as {@link System#nanoTime} */
    SettlingFiles(LongSupplier clock) {
        this.clock = clock;
    }

    /** Those that qemu has closed by now. */
    Set<HostPath> closed() {
        long now = clock.getAsLong();
        return since.entrySet().stream()
                .filter(file -> now - file.getValue() >= TIME.toNanos())
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Takes note of a settlement. A name settles anew whenever another use of it is over: of the same file, or of one that
     * has taken its name. A settlement that changes no hold on the name does not restart its time: a client that asks often
     * keeps no file.
     *
     * @param before the holds before it
     */
    void settled(List<FileHold> before, List<FileHold> now) {
        Set<FileHold> left = new HashSet<>(now);
        before.stream()
                .filter(hold -> !isSettling(hold) && !left.contains(hold))
                .map(FileHold::path)
                .forEach(since::remove);
        Set<HostPath> settling = now.stream()
                .filter(SettlingFiles::isSettling)
                .map(FileHold::path)
                .collect(Collectors.toUnmodifiableSet());
        since.keySet().retainAll(settling);
        settling.forEach(file -> since.putIfAbsent(file, clock.getAsLong()));
    }

    /** Whether no event tells of the end of the hold. */
    static boolean isTimed(FileHold hold) {
        return isSettling(hold) || AskedEnds.isAsked(hold);
    }

    static boolean isSettling(FileHold hold) {
        return hold.trigger() instanceof HoldTrigger.Settling;
    }
}
