package labeler.fileset;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.OpenedFile;
import labeler.selinux.SecurityContext;
import labeler.vm.LabelWishes;
import labeler.vm.Origin;

/** Collects files by identity, so that each appears once with all its uses. Every open one is held here first. */
final class MergedFiles implements AutoCloseable {
    private final List<Merged> files = new ArrayList<>();
    private final Map<FileIdentity, Merged> opened = new HashMap<>();
    private final Map<HostPath, Merged> unopened = new HashMap<>();

    /** All that the search has opened, also what is no file of the VM yet, for a search that ends early. */
    private final List<OpenedFile> held = new ArrayList<>();

    /** The labels that the definition chooses for files of its disks, by their names. */
    private final Map<HostPath, Set<SecurityContext>> chosenForLayers = new HashMap<>();

    /** One file, with its uses until now. */
    private static final class Merged {
        private final HostPath path;
        private final Optional<OpenedFile> file;
        private final Optional<OpenedFile> directory;
        private final List<FileUse> uses = new ArrayList<>();

        /** Whether a use that writes does not share the file. */
        private boolean isForOneWriter;

        /** Whether a use that only reads expects no writer. */
        private boolean isForReaders;

        private Optional<String> leaveReason;

        Merged(HostPath path, Optional<OpenedFile> file, Optional<OpenedFile> directory, Optional<String> leaveReason) {
            this.path = path;
            this.file = file;
            this.directory = directory;
            this.leaveReason = leaveReason;
        }

        /** A file is left only if all its uses leave it. */
        void add(FileUse use, boolean shareable, Optional<String> reason) {
            uses.add(use);
            isForOneWriter |= use.isWriting() && !shareable;
            isForReaders |= !use.isWriting() && !shareable;
            leaveReason = reason.isEmpty() ? reason : leaveReason;
        }

        VmFile finish() {
            boolean isWritten = uses.stream().anyMatch(FileUse::isWriting);
            boolean isShareable = isWritten ? !isForOneWriter : !isForReaders;
            return new VmFile(path, file, directory, uses, isShareable, leaveReason);
        }
    }

    /** Takes care of a file from now on, before it is known what becomes of it; somebody else may close it as well. */
    OpenedFile hold(OpenedFile file) {
        held.add(file);
        return file;
    }

    /** Takes the file over; closes a second descriptor for it. Answers the name that stands for the file. */
    HostPath add(OpenedFile file, FileUse use, boolean shareable, Optional<String> leaveReason) {
        Merged merged = opened.get(file.identity());
        if (merged == null) {
            merged = new Merged(file.path(), Optional.of(file), Optional.empty(), leaveReason);
            opened.put(file.identity(), merged);
            files.add(merged);
        } else {
            file.close();
        }
        merged.add(use, shareable, leaveReason);
        return merged.path;
    }

    /** Takes over the directory in which the file will be made, if the directory is needed. */
    void addUnopened(HostPath path, Optional<OpenedFile> directory, FileUse use, Optional<String> leaveReason) {
        Merged merged = unopened.get(path);
        if (merged == null) {
            merged = new Merged(path, Optional.empty(), directory, leaveReason);
            unopened.put(path, merged);
            files.add(merged);
        } else {
            directory.ifPresent(OpenedFile::close);
        }
        merged.add(use, false, leaveReason);
    }

    List<VmFile> finish() {
        return files.stream().map(Merged::finish).toList();
    }

    /** A file of this disk: the use of one that a header names does not tell the disk. */
    void layer(Origin disk, HostPath name, LabelWishes wishes) {
        if (!wishes.chosen().isEmpty()) {
            chosenForLayers.computeIfAbsent(name, _ -> new HashSet<>()).addAll(wishes.chosenFor(disk, name));
        }
    }

    /**
     * The same with the labels that the definition chooses for single files.
     *
     * @param names every name by which a file was found, and the one that stands for it
     */
    List<VmFile> finish(Map<HostPath, HostPath> names, LabelWishes wishes) {
        if (wishes.chosen().isEmpty()) {
            return finish();
        }
        Map<HostPath, Set<HostPath>> namesOf = new HashMap<>();
        names.forEach((name, path) ->
                namesOf.computeIfAbsent(path, _ -> new HashSet<>()).add(name));
        return finish().stream()
                .map(file -> {
                    Set<HostPath> own = namesOf.computeIfAbsent(file.path(), _ -> new HashSet<>());
                    own.add(file.path());
                    return file.choosing(chosen(file, own, wishes));
                })
                .toList();
    }

    private Set<SecurityContext> chosen(VmFile file, Set<HostPath> names, LabelWishes wishes) {
        Set<SecurityContext> labels = new HashSet<>();
        for (HostPath name : names) {
            labels.addAll(chosenForLayers.getOrDefault(name, Set.of()));
            file.uses().forEach(use -> labels.addAll(wishes.chosenFor(use.origin(), name)));
        }
        return labels;
    }

    /** Closes all, for a search without a result. */
    @Override
    public void close() {
        held.forEach(OpenedFile::close);
    }
}
