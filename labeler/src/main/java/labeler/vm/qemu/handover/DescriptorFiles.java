package labeler.vm.qemu.handover;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.linux.HostPath;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.qemu.handover.DescriptorSet.Mode;
import labeler.vm.qemu.handover.Unpassable.Obstacle;
import labeler.vm.qemu.option.PlacedOption;
import labeler.vm.qemu.text.ByteText;

/** Puts descriptors, or the names of copies, in place of the names of files that are no disks. */
final class DescriptorFiles {
    private final HostPath workingDirectory;
    private final Map<Origin, List<PlacedOption>> options = new LinkedHashMap<>();
    private final Map<HostPath, HostPath> replaced;
    private final DescriptorSets sets;
    private final List<Unpassable> unpassable = new ArrayList<>();
    private final Map<Integer, String> arguments = new LinkedHashMap<>();

    DescriptorFiles(
            HostPath workingDirectory,
            List<PlacedOption> placed,
            Map<HostPath, HostPath> replaced,
            DescriptorSets sets) {
        this.workingDirectory = workingDirectory;
        placed.forEach(option ->
                options.computeIfAbsent(option.origin(), _ -> new ArrayList<>()).add(option));
        this.replaced = Map.copyOf(replaced);
        this.sets = sets;
    }

    private record Named(Origin origin, List<HostPath> candidates, UseAccess access, boolean secret) {
        static Named of(Origin origin, FileRole role, List<HostPath> candidates, UseAccess access) {
            return new Named(origin, candidates, access, role == FileRole.SECRET);
        }
    }

    /** The arguments that change, by the position of their option. */
    Map<Integer, String> arguments(List<DeclaredUse> uses) {
        Set<Named> done = new HashSet<>();
        for (DeclaredUse use : uses) {
            named(use).filter(done::add).ifPresent(this::rewrite);
        }
        return arguments;
    }

    List<Unpassable> unpassable() {
        return List.copyOf(unpassable);
    }

    private static Optional<Named> named(DeclaredUse use) {
        return switch (use) {
            case DeclaredUse.ImageUse _ -> Optional.empty();
            case DeclaredUse.FileUse file ->
                Optional.of(Named.of(file.origin(), file.role(), List.of(file.path()), file.access()));
            case DeclaredUse.SearchedUse searched ->
                Optional.of(Named.of(searched.origin(), searched.role(), searched.candidates(), searched.access()));
            case DeclaredUse.MadeByQemu made ->
                Optional.of(Named.of(made.origin(), made.role(), List.of(made.path()), UseAccess.CREATE));
        };
    }

    private void rewrite(Named named) {
        Optional<HostPath> copy = named.candidates.stream()
                .filter(replaced::containsKey)
                .map(replaced::get)
                .findFirst();
        if (copy.isPresent()) {
            String name = ByteText.of(copy.get().bytes());
            if (!change(named, (_, key) -> isCopyable(named, key) ? Optional.of(name) : Optional.empty())) {
                refuse(named, named.candidates.getFirst());
            }
            return;
        }
        named.candidates.stream().filter(sets::isPassed).findFirst().ifPresent(path -> {
            if (!change(
                    named,
                    (option, key) -> FileOptions.descriptorMode(option, key, named.access)
                            .map(mode -> set(path, mode)))) {
                refuse(named, path);
            }
        });
    }

    private String set(HostPath path, Mode mode) {
        return sets.add(path, mode, false).name();
    }

    private static boolean isCopyable(Named named, String key) {
        return !named.secret && named.access == UseAccess.READ_ONLY && FileOptions.isRead(key);
    }

    @FunctionalInterface
    private interface Replacement {
        Optional<String> of(PlacedOption option, String key);
    }

    /** Returns whether anything has changed. */
    private boolean change(Named named, Replacement replacement) {
        boolean changed = false;
        for (PlacedOption option : options.getOrDefault(named.origin, List.of())) {
            String before = arguments.getOrDefault(option.position(), option.argument());
            String after = FileOptions.changed(
                    option,
                    before,
                    (key, value) -> isName(named, value) ? replacement.of(option, key) : Optional.empty());
            if (!after.equals(before)) {
                arguments.put(option.position(), after);
                changed = true;
            }
        }
        return changed;
    }

    /** The first candidate is the name as it stands there. */
    private boolean isName(Named named, String value) {
        return HostPath.parse(ByteText.bytes(value))
                .map(path -> path.from(workingDirectory))
                .equals(Optional.of(named.candidates.getFirst()));
    }

    private void refuse(Named named, HostPath path) {
        unpassable.add(new Unpassable(named.origin, path, obstacle(named)));
    }

    private Obstacle obstacle(Named named) {
        List<PlacedOption> placed = options.getOrDefault(named.origin, List.of());
        if (placed.stream().anyMatch(FileOptions::isOldCharacterDevice)) {
            return Obstacle.OLD_NOTATION;
        }
        if (named.access != UseAccess.READ_ONLY) {
            return Obstacle.WRITTEN_BY_NAME;
        }
        if (named.secret) {
            return Obstacle.SECRET;
        }
        boolean copyable = placed.stream()
                .anyMatch(option -> !FileOptions.changed(
                                option,
                                option.argument(),
                                (key, value) -> isName(named, value) && FileOptions.isRead(key)
                                        ? Optional.of("")
                                        : Optional.empty())
                        .equals(option.argument()));
        return copyable ? Obstacle.READ_BY_NAME : Obstacle.READ_BY_NAME_ALONE;
    }
}
