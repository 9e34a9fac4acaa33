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
        private final Optional<OpenedFile> directory;
        private final List<FileUse> uses = new ArrayList<>();
        private boolean shareable = true;
        private Optional<String> leaveReason;

        private Draft(
                HostPath path,
                Optional<OpenedFile> file,
                Optional<OpenedFile> directory,
                Optional<String> leaveReason) {
            this.path = path;
            this.file = file;
            this.directory = directory;
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
            draft = new Draft(file.path(), Optional.of(file), Optional.empty(), leaveReason);
            opened.put(file.identity(), draft);
            order.add(draft);
        } else {
            file.close();
        }
        draft.use(use, shareable, leaveReason);
        return draft.path;
    }

    /** Takes over the directory where the file will be made, if that is to be known. */
    void addUnopened(HostPath path, Optional<OpenedFile> directory, FileUse use, Optional<String> leaveReason) {
        Draft draft = unopened.get(path);
        if (draft == null) {
            draft = new Draft(path, Optional.empty(), directory, leaveReason);
            unopened.put(path, draft);
            order.add(draft);
        } else {
            directory.ifPresent(OpenedFile::close);
        }
        draft.use(use, false, leaveReason);
    }

    List<VmFile> finish() {
        return order.stream()
                .map(draft -> new VmFile(
                        draft.path,
                        draft.file,
                        draft.directory,
                        draft.uses,
                        draft.shareable && draft.uses.stream().anyMatch(use -> use.access() != UseAccess.READ_ONLY),
                        draft.leaveReason))
                .toList();
    }

    @Override
    public void close() {
        order.forEach(draft -> {
            draft.file.ifPresent(OpenedFile::close);
            draft.directory.ifPresent(OpenedFile::close);
        });
    }
}
