package labeler.work;

import java.util.OptionalLong;
import labeler.linux.HostPath;
import labeler.linux.OpenedFile;

/**
 * The current place of a piece of work: in a call about this file.
 *
 * @param mount the mount that the file was opened through; empty during the lookup of a name
 * @param since the start of the call, by {@link System#nanoTime}
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

    WorkFileSystem place(MountTable places) {
        return mount.isPresent() ? places.of(mount.getAsLong(), path) : places.of(path);
    }
}
