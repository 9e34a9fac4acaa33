package labeler.guard.judge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import labeler.journal.FileHold;
import labeler.lifecycle.follow.FollowedHost;

/**
 * The guard's promises, from what is so and not from what the guard believes. A file that a qemu writes has its label
 * and no other user; one that it has open is held; one that it needs no more is given back.
 */
final class GuardModel {
    private final FollowedHost host;
    private final Path images;

    /**
     * A VM as the model sees it.
     *
     * @param sent what was wrong as qemu got commands ({@link SentCommands})
     */
    record Seen(VmBook book, String imageContext, QemuFacts facts, List<FileHold> holds, List<String> sent) {}

    GuardModel(FollowedHost host) {
        this.host = host;
        this.images = host.path("").normalize();
    }

    /** What is not as promised; empty if all is. */
    List<String> complaints(List<Seen> vms) throws IOException {
        List<String> complaints = new ArrayList<>();
        Set<Path> files = files();
        for (Path file : files) {
            complaints.addAll(label(file, vms));
        }
        for (Seen vm : vms) {
            complaints.addAll(held(vm));
            complaints.addAll(chains(vm));
            complaints.addAll(vm.sent());
        }
        return complaints;
    }

    /** Regular files, block devices and sockets. */
    private Set<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(images)) {
            return new TreeSet<>(all.filter(file -> !Files.isDirectory(file)).toList());
        }
    }

    /** Labels of all files. */
    Map<Path, String> labels() throws IOException {
        Map<Path, String> labels = new HashMap<>();
        for (Path file : files()) {
            labels.put(file, host.label(file.getFileName().toString()));
        }
        return labels;
    }

    /** I1, I3 and I4: the label follows from who writes, and who has the file at all. */
    private List<String> label(Path file, List<Seen> vms) {
        List<String> complaints = new ArrayList<>();
        String label = host.label(file.getFileName().toString());
        List<Seen> writing = vms.stream().filter(vm -> writes(vm, file)).toList();
        List<Seen> having =
                vms.stream().filter(vm -> vm.facts().open().containsKey(file)).toList();
        if (writing.size() > 1 || (!writing.isEmpty() && having.size() > 1)) {
            complaints.add("I1: " + file + " is written while others have it");
        }
        for (Seen vm : writing) {
            if (!label.equals(vm.imageContext())) {
                complaints.add("I4: " + vm.book().vm() + " writes " + file + ", which is labelled " + label);
            }
        }
        boolean isKnown =
                label.equals(FollowedHost.CONTENT) || vms.stream().anyMatch(vm -> label.equals(vm.imageContext()));
        if (!having.isEmpty() && !isKnown) {
            complaints.add("I2: " + file + " is open, and labelled " + label);
        }
        for (Seen vm : vms) {
            if (label.equals(vm.imageContext()) && !mayWrite(vm, file)) {
                complaints.add("I3: " + file + " is labelled for " + vm.book().vm() + ", which does not write it");
            }
        }
        if (label.equals(FollowedHost.CONTENT) && vms.stream().noneMatch(vm -> names(vm, file))) {
            complaints.add("I3: " + file + " is labelled for readers, and has none");
        }
        return complaints;
    }

    /**
     * Whether qemu writes the file, or could without a command. A node without {@code auto-read-only} keeps its descriptor
     * for writing when no image above it writes: its label may let it read alone then, and the next writer is a command.
     */
    private static boolean writes(Seen vm, Path file) {
        return vm.facts().open().getOrDefault(file, false)
                && (nodes(vm, file).findAny().isEmpty()
                        || nodes(vm, file).anyMatch(node -> !node.isReadOnly() && isWritten(vm.facts(), node)));
    }

    private static boolean mayWrite(Seen vm, Path file) {
        return vm.facts().open().getOrDefault(file, false)
                || vm.book().used(vm.facts()).contains(file)
                || nodes(vm, file).anyMatch(node -> !node.isReadOnly() && isLoneOrWritten(vm.facts(), node));
    }

    private static boolean isLoneOrWritten(QemuFacts facts, QemuFacts.Block file) {
        return isWritten(facts, file) || facts.above(file.name()).stream().noneMatch(facts.nodes()::containsKey);
    }

    /** qemu tells of a file node that it is not read-only, whatever its descriptor is: those above decide. */
    private static boolean isWritten(QemuFacts facts, QemuFacts.Block file) {
        return facts.above(file.name()).stream()
                .map(facts.nodes()::get)
                .anyMatch(node -> node != null && !node.isReadOnly());
    }

    private static Stream<QemuFacts.Block> nodes(Seen vm, Path file) {
        return vm.facts().nodes().values().stream()
                .filter(node -> node.isFile() && node.file().equals(file.toString()));
    }

    private static boolean names(Seen vm, Path file) {
        return vm.facts().open().containsKey(file)
                || nodes(vm, file).findAny().isPresent()
                || vm.book().used(vm.facts()).contains(file);
    }

    /** I2 and I3 for one VM: what is open is held, and what is held has a reason. */
    private List<String> held(Seen vm) {
        List<String> complaints = new ArrayList<>();
        Map<Path, Boolean> held = new HashMap<>();
        vm.holds().forEach(hold -> held.merge(hold.path().jdkPath(), hold.isWriting(), Boolean::logicalOr));
        vm.facts().open().keySet().forEach(file -> {
            boolean isEnough = held.getOrDefault(file, false) || (held.containsKey(file) && !writes(vm, file));
            if (file.startsWith(images) && !isEnough) {
                complaints.add("I2: " + vm.book().vm() + " has " + file + " open, and holds " + held.get(file));
            }
        });
        held.forEach((file, writes) -> {
            if (!names(vm, file)) {
                complaints.add("I3: " + vm.book().vm() + " holds " + file + " for nothing");
            }
            String label = Files.exists(file) ? host.label(file.getFileName().toString()) : "no file";
            // A secret is read by one VM alone, and no other may read it.
            boolean isPrivate = vm.book().others().containsValue(file);
            if (label.equals(vm.imageContext()) != writes && !isPrivate) {
                complaints.add("I4: " + vm.book().vm() + " holds " + file + (writes ? " for writing" : "")
                        + ", which is labelled " + label);
            }
        });
        return complaints;
    }

    /** I5: at rest the header of an image that the VM writes names the image that is below it. */
    private static List<String> chains(Seen vm) throws IOException {
        List<String> complaints = new ArrayList<>();
        if (!vm.facts().alive().isEmpty()) {
            return complaints;
        }
        for (QemuFacts.Block node : vm.facts().nodes().values()) {
            Optional<Path> file = vm.facts().file(node.name());
            Optional<Path> below = vm.facts().backing(node.name()).flatMap(vm.facts()::file);
            if (node.isImage() && !node.isReadOnly() && file.isPresent() && below.isPresent()) {
                String header = QemuFacts.header(file.get());
                if (!header.isEmpty() && !header.equals(below.get().toString())) {
                    complaints.add(
                            "I5: " + file.get() + " stands on " + below.get() + ", and its header names " + header);
                }
            }
        }
        return complaints;
    }

    /** With no VM left, each file of before has its label of before, and no other has a label for VMs. */
    List<String> atTheEnd(Set<Path> before, Set<String> imageContexts) throws IOException {
        List<String> complaints = new ArrayList<>();
        Set<String> virtual = new HashSet<>(imageContexts);
        virtual.add(FollowedHost.CONTENT);
        labels().forEach((file, label) -> {
            boolean isRight = before.contains(file) ? label.equals(FollowedHost.HOME) : !virtual.contains(label);
            if (!isRight) {
                complaints.add("at the end " + file + " is labelled " + label);
            }
        });
        return complaints;
    }
}
