package labeler.fileset;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.OpenedFile;

/** Collects files so that each is there once, by identity, with all its uses. */
final class MergedFiles implements AutoCloseable {
    private final List<VmFile> files = new ArrayList<>();

    /** Where each stands. */
    private final Map<FileIdentity, Integer> opened = new HashMap<>();

    private final Map<HostPath, Integer> unopened = new HashMap<>();

    /** Takes the file over; a second descriptor for the same file is closed. Answers the name that stands for the file. */
    HostPath add(OpenedFile file, FileUse use, boolean shareable, Optional<String> leaveReason) {
        Integer at = opened.putIfAbsent(file.identity(), files.size());
        if (at == null) {
            files.add(VmFile.of(file.path(), Optional.of(file), Optional.empty(), use, shareable, leaveReason));
            return file.path();
        }
        file.close();
        files.set(at, files.get(at).and(use, shareable, leaveReason));
        return files.get(at).path();
    }

    /** Takes over the directory where the file will be made, if that is to be known. */
    void addUnopened(HostPath path, Optional<OpenedFile> directory, FileUse use, Optional<String> leaveReason) {
        Integer at = unopened.putIfAbsent(path, files.size());
        if (at == null) {
            files.add(VmFile.of(path, Optional.empty(), directory, use, false, leaveReason));
        } else {
            directory.ifPresent(OpenedFile::close);
            files.set(at, files.get(at).and(use, false, leaveReason));
        }
    }

    List<VmFile> finish() {
        return List.copyOf(files);
    }

    @Override
    public void close() {
        files.forEach(VmFile::close);
    }
}
