package labeler.api;

import java.util.List;
import java.util.Optional;
import labeler.json.LeftOut;
import labeler.linux.HostPath;
import labeler.openfiles.Comparison;
import labeler.openfiles.Drift;
import labeler.openfiles.Look;

/**
 * The result of a look at a process's descriptors.
 *
 * @param message why they were not compared
 */
public record OpenFiles(
        boolean compared,
        @LeftOut Optional<List<Found>> drift,
        @LeftOut Optional<String> message) {
    /** A file that a process has open and should not, or should have open and has not. */
    public record Found(String kind, HostPath path, @LeftOut Optional<Integer> descriptor, String message) {
        private static Found of(Drift drift) {
            return switch (drift) {
                case Drift.NotOpen(HostPath path, var _) -> of(drift, path, Optional.empty());
                case Drift.Writable(HostPath path, int descriptor) -> of(drift, path, Optional.of(descriptor));
                case Drift.Foreign foreign -> of(drift, foreign.file(), Optional.of(foreign.descriptor()));
            };
        }

        private static Found of(Drift drift, HostPath path, Optional<Integer> descriptor) {
            return new Found(drift.kind(), path, descriptor, drift.message());
        }
    }

    public static OpenFiles of(Comparison comparison) {
        return switch (comparison) {
            case Comparison.NotCompared(String why, Look.Cause _) ->
                new OpenFiles(false, Optional.empty(), Optional.of(why));
            case Comparison.Compared(List<Drift> drift) ->
                new OpenFiles(true, Optional.of(drift.stream().map(Found::of).toList()), Optional.empty());
        };
    }
}
