package labeler.survey;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.ShellWord;

/** Images that several VMs use, of which one writes them, although not all of them say that they share it. */
final class SharedImages {
    private static final int MOST_NAMED = 4;

    private final Map<FileIdentity, Map<VmIdentity, Use>> users = new LinkedHashMap<>();

    /** The use of one file by one VM, by all names that it has for it. */
    private record Use(
            VmFacts vm,
            HostPath path,
            boolean image,
            boolean written,
            boolean shareable,
            boolean now,
            boolean writtenNow) {
        Use and(Use other) {
            return new Use(
                    vm,
                    path,
                    image || other.image,
                    written || other.written,
                    shareable && other.shareable,
                    now || other.now,
                    writtenNow || other.writtenNow);
        }
    }

    private SharedImages(List<VmFacts> vms) {
        for (VmFacts vm : vms) {
            for (VmFileFacts one : vm.files()) {
                add(
                        one.file().identity(),
                        new Use(
                                vm,
                                one.file().path(),
                                one.image(),
                                one.written(),
                                one.shareable(),
                                one.now(),
                                one.written() && one.now()));
            }
        }
        // A disk that joined later is on no command line, but the process has it open.
        for (VmFacts vm : vms) {
            vm.process()
                    .ifPresent(process ->
                            process.open().ifPresent(open -> open.written().forEach(file -> addWriter(vm, file))));
        }
    }

    static List<Flaw> of(List<VmFacts> vms) {
        return new SharedImages(vms)
                .users.values().stream()
                        .flatMap(uses -> flaw(uses.values()).stream())
                        .toList();
    }

    private void add(FileIdentity file, Use use) {
        users.computeIfAbsent(file, _ -> new LinkedHashMap<>()).merge(use.vm().identity(), use, Use::and);
    }

    /** Only of a file that is an image of some VM: a log may have several writers. */
    private void addWriter(VmFacts vm, FileIdentity file) {
        Map<VmIdentity, Use> uses = users.getOrDefault(file, Map.of());
        boolean isKnown = uses.containsKey(vm.identity());
        uses.values().stream()
                .filter(Use::image)
                .findFirst()
                .ifPresent(use -> add(file, new Use(vm, use.path(), true, true, isKnown, true, true)));
    }

    private static Optional<Flaw> flaw(Collection<Use> uses) {
        List<Use> writers = uses.stream().filter(Use::written).toList();
        boolean isImage = uses.stream().anyMatch(Use::image);
        if (uses.size() < 2 || writers.isEmpty() || !isImage || uses.stream().allMatch(Use::shareable)) {
            return Optional.empty();
        }
        boolean isNow = writers.stream().anyMatch(Use::writtenNow)
                && uses.stream().filter(Use::now).count() > 1;
        List<Use> readers = uses.stream().filter(Predicate.not(Use::written)).toList();
        HostPath file = uses.iterator().next().path();
        return Optional.of(new Flaw(
                FlawKind.SHARED_IMAGE,
                isNow ? Severity.DANGER : Severity.WARNING,
                Optional.of(file),
                Stream.concat(writers.stream(), readers.stream())
                        .map(use -> use.vm().identity())
                        .toList(),
                harm(writers, readers, isNow),
                (isNow ? "stop all but one of them, then give" : "give")
                        + " each an image of its own (qemu-img create -f qcow2 -b " + ShellWord.of(file)
                        + " -F FORMAT NEW), or declare a raw disk shareable in all of them"));
    }

    private static String harm(List<Use> writers, List<Use> readers, boolean isNow) {
        String when = isNow ? "" : ", if they run at the same time";
        if (writers.size() > 1) {
            return names(writers) + " write it" + when + ": each destroys what the other has written";
        }
        return names(writers) + " writes it, and for " + names(readers) + " it is an image to read" + when
                + ": what they read changes below them";
    }

    private static String names(List<Use> uses) {
        List<String> names = new ArrayList<>(uses.stream()
                .limit(MOST_NAMED)
                .map(use -> use.vm().identity().text())
                .toList());
        if (uses.size() > MOST_NAMED) {
            names.add((uses.size() - MOST_NAMED) + " more");
        }
        return names.stream().collect(Collectors.joining(" and "));
    }
}
