package labeler.vm.qemu.handover;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.linux.HostPath;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.qemu.handover.DescriptorSet.Sets;
import labeler.vm.qemu.handover.HandoverObstacle.Obstacle;
import labeler.vm.qemu.option.FilePlace;
import labeler.vm.qemu.option.NameSubstitute;
import labeler.vm.qemu.option.QemuCommandLine;
import labeler.vm.qemu.text.ByteText;

/** Replaces names of files that are no disks by descriptors or by the names of copies. */
final class DescriptorFiles {
    private final QemuCommandLine line;
    private final Map<HostPath, HostPath> replaced;
    private final Sets sets;
    private final List<HandoverObstacle> notPassable;
    private final Map<Integer, List<NewName>> names = new LinkedHashMap<>();

    /** @param notPassable to which it adds */
    DescriptorFiles(
            QemuCommandLine line, Map<HostPath, HostPath> replaced, Sets sets, List<HandoverObstacle> notPassable) {
        this.line = line;
        this.replaced = Map.copyOf(replaced);
        this.sets = sets;
        this.notPassable = notPassable;
    }

    /** A file that an option names; once, even if the option names it several times. */
    private record Named(Origin origin, List<HostPath> candidates, UseAccess access, boolean secret) {
        Named(DeclaredUse use, List<HostPath> candidates, UseAccess access) {
            this(use.origin(), candidates, access, use.role() == FileRole.SECRET);
        }
    }

    /** The new names, by the position of the option. */
    Map<Integer, List<NewName>> names() {
        Map<Named, Set<FilePlace>> files = new LinkedHashMap<>();
        for (DeclaredUse use : line.definition().uses()) {
            named(use)
                    .ifPresent(named -> files.computeIfAbsent(named, _ -> new LinkedHashSet<>())
                            .addAll(line.places(use)));
        }
        files.forEach((named, places) ->
                rewrite(named, places.stream().sorted(FilePlace.AS_WRITTEN).toList()));
        return names;
    }

    private static Optional<Named> named(DeclaredUse use) {
        return switch (use) {
            case DeclaredUse.ImageUse _, DeclaredUse.DeviceUse _ -> Optional.empty();
            case DeclaredUse.TreeUse tree -> Optional.of(new Named(use, List.of(tree.root()), tree.access()));
            case DeclaredUse.FileUse file -> Optional.of(new Named(use, List.of(file.path()), file.access()));
            case DeclaredUse.OptionalUse file -> Optional.of(new Named(use, List.of(file.path()), file.access()));
            case DeclaredUse.SearchedUse searched ->
                Optional.of(new Named(use, searched.candidates(), searched.access()));
            case DeclaredUse.MadeByQemu made -> Optional.of(new Named(use, List.of(made.path()), UseAccess.CREATE));
        };
    }

    private void rewrite(Named named, List<FilePlace> places) {
        Optional<HostPath> copy = named.candidates.stream()
                .filter(replaced::containsKey)
                .map(replaced::get)
                .findFirst();
        if (copy.isPresent()) {
            copy(named, places, ByteText.of(copy.get().bytes()));
        } else {
            named.candidates.stream().filter(sets::isPassed).findFirst().ifPresent(path -> pass(named, places, path));
        }
    }

    private void copy(Named named, List<FilePlace> places, String name) {
        List<FilePlace> taking = places.stream()
                .filter(place -> place.takes() instanceof NameSubstitute.Copy)
                .toList();
        taking.forEach(place -> put(place, name));
        if (taking.isEmpty()) {
            refuse(named, places, named.candidates.getFirst());
        }
    }

    private void pass(Named named, List<FilePlace> places, HostPath path) {
        boolean changed = false;
        for (FilePlace place : places) {
            if (place.takes() instanceof NameSubstitute.Descriptor(var access)) {
                put(place, sets.add(path, access, false).name());
                changed = true;
            }
        }
        if (!changed) {
            refuse(named, places, path);
        }
    }

    private void put(FilePlace place, String name) {
        names.computeIfAbsent(place.option().position(), _ -> new ArrayList<>()).add(new NewName(place.spot(), name));
    }

    private void refuse(Named named, List<FilePlace> places, HostPath path) {
        notPassable.add(new HandoverObstacle(named.origin, path, obstacle(named, places)));
    }

    private Obstacle obstacle(Named named, List<FilePlace> places) {
        if (line.options().stream()
                .anyMatch(placed ->
                        placed.origin().equals(named.origin) && placed.option().old())) {
            return Obstacle.OLD_NOTATION;
        }
        if (named.access.isWriting()) {
            return Obstacle.WRITTEN_BY_NAME;
        }
        if (named.secret) {
            return Obstacle.SECRET;
        }
        return places.stream().anyMatch(place -> place.takes() instanceof NameSubstitute.Copy)
                ? Obstacle.READ_BY_NAME
                : Obstacle.READ_BY_NAME_ALONE;
    }
}
