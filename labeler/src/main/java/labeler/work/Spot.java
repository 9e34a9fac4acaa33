package labeler.work;

import java.util.OptionalLong;
import labeler.linux.HostPath;
import labeler.linux.OpenedFile;

/**
 * Where a piece of work is just now: in a call about this file.
 *
 * @param mount through which it was opened; empty for a name that is being looked up
 * @param since of the call, by {@link System#nanoTime}
 */
record Spot(HostPath path, OptionalLong mount, long since) {
    static Spot at(HostPath path) {
        return new Spot(path, OptionalLong.empty(), System.nanoTime());
    }

    static Spot in(OpenedFile file) {
        return new Spot(file.realPath(), OptionalLong.of(file.status().mountId()), System.nanoTime());
    }

    long ageNanos() {
        return System.nanoTime() - since;
    }

    Place place(Places places) {
        return mount.isPresent() ? places.of(mount.getAsLong(), path) : places.of(path);
    }
}
