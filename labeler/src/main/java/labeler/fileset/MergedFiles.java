package labeler.fileset;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.OpenedFile;
import labeler.vm.UseAccess;

/** Collects files so that each is there once, by identity, with all its uses. */
final class MergedFiles implements AutoCloseable {
    private final Map<FileIdentity, Draft> opened = new LinkedHashMap<>();
    private final Map<HostPath, Draft> unopened = new LinkedHashMap<>();
    private final List<Draft> order = new ArrayList<>();

    private static final class Draft {
        private final HostPath path;
        private final Optional<OpenedFile> file;
        private final List<FileUse> uses = new ArrayList<>();
        private boolean shareable = true;
        private Optional<String> leaveReason;

        private Draft(HostPath path, Optional<OpenedFile> file, Optional<String> leaveReason) {
            this.path = path;
            this.file = file;
            this.leaveReason = leaveReason;
        }

        private void use(FileUse use, boolean useShareable, Optional<String> useLeaveReason) {
            uses.add(use);
            if (use.access() != UseAccess.READ_ONLY) {
                shareable &= useShareable;
            }
            if (useLeaveReason.isEmpty()) {
                leaveReason = Optional.empty();
            }
        }
    }

    /** Takes the file over; a second descriptor for the same file is closed. Answers the name that stands for the file. */
    HostPath add(OpenedFile file, FileUse use, boolean shareable, Optional<String> leaveReason) {
        Draft draft = opened.get(file.identity());
        if (draft == null) {
            draft = new Draft(file.path(), Optional.of(file), leaveReason);
            opened.put(file.identity(), draft);
            order.add(draft);
        } else {
            file.close();
        }
        draft.use(use, shareable, leaveReason);
        return draft.path;
    }

    void addUnopened(HostPath path, FileUse use, Optional<String> leaveReason) {
        Draft draft = unopened.get(path);
        if (draft == null) {
            draft = new Draft(path, Optional.empty(), leaveReason);
            unopened.put(path, draft);
            order.add(draft);
        }
        draft.use(use, false, leaveReason);
    }

    List<VmFile> finish() {
        return order.stream()
                .map(draft -> new VmFile(
                        draft.path,
                        draft.file,
                        draft.uses,
                        draft.shareable && draft.uses.stream().anyMatch(use -> use.access() != UseAccess.READ_ONLY),
                        draft.leaveReason))
                .toList();
    }

    @Override
    public void close() {
        opened.values().forEach(draft -> draft.file.ifPresent(OpenedFile::close));
    }
}
