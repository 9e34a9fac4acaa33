package labeler.fileset;

import java.util.List;
import java.util.Optional;
import labeler.linux.HostPath;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;

/** Asks whether names lead to something, whatever that is. */
record ExistingNames(SafeOpen open) {
    boolean has(HostPath name) {
        return switch (open.open(name, OpenRequest.IMAGE)) {
            case OpenedFile file -> {
                file.close();
                yield true;
            }
            case OpenRefusal refusal -> refusal.reason() != OpenRefusal.Reason.MISSING;
        };
    }

    Optional<HostPath> first(List<HostPath> names) {
        return names.stream().filter(this::has).findFirst();
    }
}
