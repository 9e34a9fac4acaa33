package labeler.domain;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import labeler.chain.FileName;
import labeler.chain.ImageRequest;
import labeler.chain.ImageRequest.BackingChoice;
import labeler.chain.ImageRequest.DeclaredBacking;
import labeler.chain.ImageRequest.DeclaredDataFile;
import labeler.chain.ImageRequest.NoBacking;
import labeler.chain.ImageRequest.ProbedBacking;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.journal.VmRecord;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.vm.DeclaredUse;
import labeler.vm.DeclaredUse.ImageUse;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import labeler.vm.VmDefinition;

/**
 * The files of a running VM, as its manager names them, beside those that are on record. Pure.
 *
 * @param nodes those of each device of the host in the definition
 * @param now the file that has each of {@link #names} and nodes at present; a name that is missing counts as the file on
 *     record
 * @param recorded the file of a hold; empty if only its name is on record
 */
record LiveFiles(
        VmRecord vm,
        VmDefinition live,
        Map<DeclaredUse.DeviceUse, List<HostPath>> nodes,
        Map<HostPath, FileIdentity> now,
        Function<FileHold, Optional<FileIdentity>> recorded) {
    LiveFiles {
        nodes = Map.copyOf(nodes);
        now = Map.copyOf(now);
    }

    /**
     * The uses of files that are not on record, or for reading alone where the VM writes them by now. Of a chain only the new
     * layers count, down to one that is on record: that one keeps the hold that it has, since the manager may write it again
     * in the next moment.
     */
    List<DeclaredUse> joining() {
        List<DeclaredUse> joining = new ArrayList<>();
        for (DeclaredUse use : live.uses()) {
            switch (use) {
                case ImageUse image -> layers(image, joining);
                case DeclaredUse.OptionalUse optional
                when optional.names().stream().noneMatch(now::containsKey) -> {}
                case DeclaredUse.OptionalUse file -> whole(use, file.access(), joining);
                case DeclaredUse.FileUse file -> whole(use, file.access(), joining);
                case DeclaredUse.TreeUse tree -> whole(use, tree.access(), joining);
                case DeclaredUse.SearchedUse file -> whole(use, file.access(), joining);
                case DeclaredUse.DeviceUse device -> {
                    // A disk for SCSI commands has two nodes, each by itself a way to it.
                    if (nodes.getOrDefault(device, List.of()).stream().anyMatch(node -> !isHeld(node, false))) {
                        joining.add(use);
                    }
                }
                // Nothing is made for a VM that runs.
                case DeclaredUse.MadeByQemu _ -> {}
            }
        }
        return joining;
    }

    private void whole(DeclaredUse use, UseAccess access, List<DeclaredUse> out) {
        if (use.names().stream().noneMatch(name -> isHeld(name, access.isWriting()))) {
            out.add(use);
        }
    }

    private void layers(ImageUse use, List<DeclaredUse> out) {
        Optional<ImageRequest> top = Optional.of(use.image());
        FileRole role = use.role();
        while (top.isPresent()) {
            ImageRequest image = top.get();
            if (isHeld(image)) {
                if (isProbedAndNew(image.backing())) {
                    // The manager has it from a header that the VM may have written: the header is to be judged.
                    out.add(new ImageUse(use.origin(), role, untilHeld(image), use.shareable()));
                    top = held(below(image.backing()));
                } else {
                    if (image.access().isWriting() && !isWritten(image)) {
                        // A layer that has become the disk.
                        out.add(new ImageUse(use.origin(), role, alone(image), use.shareable()));
                    }
                    top = below(image.backing());
                }
            } else {
                out.add(new ImageUse(use.origin(), role, untilHeld(image), use.shareable()));
                top = held(top);
            }
            role = FileRole.BACKING;
        }
    }

    private boolean isProbedAndNew(BackingChoice backing) {
        return backing instanceof ProbedBacking(ImageRequest image) && !isHeld(image);
    }

    private boolean isHeld(ImageRequest image) {
        return name(image.name()).filter(name -> isHeld(name, false)).isPresent();
    }

    private boolean isWritten(ImageRequest image) {
        return name(image.name()).filter(name -> isHeld(name, true)).isPresent();
    }

    private boolean isHeld(HostPath name, boolean forWriting) {
        return vm.files().stream()
                .filter(hold -> !forWriting || hold.isWriting())
                .anyMatch(hold -> isOf(hold, name));
    }

    /** Whether the hold has this name, or the file to which it leads. */
    private boolean isOf(FileHold hold, HostPath name) {
        return hold.path().equals(name)
                || recorded.apply(hold)
                        .filter(file -> Optional.ofNullable(now.get(name))
                                .filter(file::isSameFile)
                                .isPresent())
                        .isPresent();
    }

    /**
     * Names of held files that lead to other files by now. qemu may have the held one open, so that one stays on record
     * until the VM's end; and the other one is not known to be the VM's.
     */
    List<HostPath> led() {
        return vm.files().stream()
                .filter(hold -> isFollowed(hold.trigger()))
                .filter(hold -> recorded.apply(hold)
                        .filter(file -> Optional.ofNullable(now.get(hold.path()))
                                .filter(present -> !file.isSameFile(present))
                                .isPresent())
                        .isPresent())
                .map(FileHold::path)
                .toList();
    }

    /** The first layer from here on down that is on record. */
    private Optional<ImageRequest> held(Optional<ImageRequest> from) {
        Optional<ImageRequest> layer = from;
        while (layer.isPresent() && !isHeld(layer.get())) {
            layer = below(layer.get().backing());
        }
        return layer;
    }

    /** The depth of a definition's chains is bounded by its reader. */
    private ImageRequest untilHeld(ImageRequest image) {
        Optional<ImageRequest> below = below(image.backing());
        BackingChoice backing = image.backing();
        if (below.isPresent() && isHeld(below.get())) {
            backing = new NoBacking();
        } else if (below.isPresent()) {
            ImageRequest cut = untilHeld(below.get());
            backing = image.backing() instanceof ProbedBacking ? new ProbedBacking(cut) : new DeclaredBacking(cut);
        }
        return new ImageRequest(image.name(), image.format(), image.access(), backing, image.dataFile());
    }

    private static ImageRequest alone(ImageRequest image) {
        return new ImageRequest(image.name(), image.format(), image.access(), new NoBacking(), image.dataFile());
    }

    private static Optional<ImageRequest> below(BackingChoice backing) {
        return switch (backing) {
            case DeclaredBacking(ImageRequest image) -> Optional.of(image);
            case ProbedBacking(ImageRequest image) -> Optional.of(image);
            case ImageRequest.HeaderBacking _, NoBacking _, ImageRequest.ExternalBacking _ -> Optional.empty();
        };
    }

    private static Optional<HostPath> name(FileName name) {
        return HostPath.parse(name.bytes());
    }

    /**
     * The holds on files that the manager does not name: candidates for an end, since a header may still lead to one.
     * Nothing is left on the word of a definition that is not fully understood. A file whose name is named stays, also if
     * the name leads to another one by now: somebody may have pointed a link anew, and qemu has the old file open.
     */
    List<FileHold> notNamed() {
        if (!live.problems().isEmpty()) {
            return List.of();
        }
        Set<HostPath> names = names(live);
        return vm.files().stream()
                .filter(hold -> isFollowed(hold.trigger()) && names.stream().noneMatch(name -> isOf(hold, name)))
                .toList();
    }

    /** Those of them to which no header leads, either. */
    List<FileHold> leaving(Set<HostPath> reachedNames, Set<FileIdentity> reachedFiles) {
        return notNamed().stream()
                .filter(hold -> !reachedNames.contains(hold.path()))
                .filter(hold -> recorded.apply(hold)
                        .filter(file -> reachedFiles.stream().anyMatch(file::isSameFile))
                        .isEmpty())
                .toList();
    }

    /** Holds of disks and commands of our own end otherwise. */
    private static boolean isFollowed(HoldTrigger trigger) {
        return switch (trigger) {
            case HoldTrigger.Start _, HoldTrigger.LiveDefinition _ -> true;
            case HoldTrigger.Disk _,
                    HoldTrigger.Graph _,
                    HoldTrigger.Command _,
                    HoldTrigger.Job _,
                    HoldTrigger.QemuObject _,
                    HoldTrigger.CharacterDevice _,
                    HoldTrigger.Migration _,
                    HoldTrigger.Dump _,
                    HoldTrigger.Settling _ -> false;
        };
    }

    /** All names in a definition. */
    static Set<HostPath> names(VmDefinition live) {
        return live.uses().stream().flatMap(use -> names(use).stream()).collect(Collectors.toSet());
    }

    /** All names in a use, with the layers of an image. */
    private static Set<HostPath> names(DeclaredUse use) {
        Set<HostPath> names = new HashSet<>(use.names());
        Optional<ImageRequest> layer = use instanceof ImageUse image ? Optional.of(image.image()) : Optional.empty();
        while (layer.isPresent()) {
            name(layer.get().name()).ifPresent(names::add);
            if (layer.get().dataFile() instanceof DeclaredDataFile declared) {
                name(declared.name()).ifPresent(names::add);
            }
            layer = below(layer.get().backing());
        }
        return names;
    }

    /** Those uses of images of which this use is a part. */
    static List<DeclaredUse> around(DeclaredUse part, VmDefinition account) {
        Set<HostPath> names = names(part);
        return account.uses().stream()
                .filter(use -> use instanceof ImageUse && !Collections.disjoint(names(use), names))
                .toList();
    }
}
