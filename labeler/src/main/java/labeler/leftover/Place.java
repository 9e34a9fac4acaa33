package labeler.leftover;

import java.util.Arrays;
import java.util.List;
import labeler.linux.HostPath;
import labeler.linux.KernelText;

/**
 * Where a part of a scan ended: the names from the directory down to the last one that was looked at.
 *
 * @param names none for a path that is not below the directory
 */
record Place(List<HostPath> names) {
    Place {
        names = List.copyOf(names);
    }

    static Place of(HostPath path, HostPath directory) {
        byte[] whole = path.bytes();
        byte[] above = directory.child("").bytes();
        if (whole.length <= above.length || !Arrays.equals(whole, 0, above.length, above, 0, above.length)) {
            return new Place(List.of());
        }
        byte[] below = Arrays.copyOfRange(whole, above.length, whole.length);
        return new Place(KernelText.split(below, '/').stream()
                .flatMap(name -> HostPath.parse(name).stream())
                .toList());
    }

    HostPath first() {
        return names.getFirst();
    }

    Place rest() {
        return new Place(names.subList(1, names.size()));
    }

    boolean isEnd() {
        return names.isEmpty();
    }
}
