package labeler.leftover;

import java.util.Arrays;
import java.util.List;
import labeler.linux.HostPath;
import labeler.linux.KernelText;

/**
 * The place at which a part of a scan ended: the names from the directory down to the last one that was read.
 *
 * @param names none for a path that is not below the directory
 */
record ScanPosition(List<HostPath> names) {
    ScanPosition {
        names = List.copyOf(names);
    }

    static ScanPosition of(HostPath path, HostPath directory) {
        byte[] whole = path.bytes();
        byte[] above = directory.child("").bytes();
        if (whole.length <= above.length || !Arrays.equals(whole, 0, above.length, above, 0, above.length)) {
            return new ScanPosition(List.of());
        }
        byte[] below = Arrays.copyOfRange(whole, above.length, whole.length);
        return new ScanPosition(KernelText.split(below, '/').stream()
                .flatMap(name -> HostPath.parse(name).stream())
                .toList());
    }

    HostPath first() {
        return names.getFirst();
    }

    ScanPosition rest() {
        return new ScanPosition(names.subList(1, names.size()));
    }

    boolean isEnd() {
        return names.isEmpty();
    }
}
