package labeler.leftover;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import labeler.linux.HostPath;

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
        List<HostPath> names = new ArrayList<>();
        int start = above.length;
        for (int at = start; at <= whole.length; at++) {
            if (at == whole.length || whole[at] == '/') {
                HostPath.parse(Arrays.copyOfRange(whole, start, at)).ifPresent(names::add);
                start = at + 1;
            }
        }
        return new Place(names);
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
