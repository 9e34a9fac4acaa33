package labeler.guard.judge;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import labeler.guard.relay.Command;
import labeler.guard.sense.CommandReader;
import labeler.guard.sense.NodeFiles;
import labeler.guard.sense.Objection;
import labeler.guard.sense.Rule;
import labeler.guard.sense.Want;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.lifecycle.follow.NamedFiles;
import labeler.linux.Descriptor;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.SetName;
import labeler.vm.UseAccess;

/**
 * A descriptor that a client has sent. It is judged by its file, as a name is. One of a pipe or a socket has no file.
 *
 * @param passed to qemu with the command
 * @param open the file that it is of; empty for none, or for no descriptor
 * @param set the number of the set that it is to join
 * @param wants the file, held for as long as qemu has the descriptor
 * @param refused why it may not be passed on, whatever its file is
 */
record SentDescriptor(
        List<Descriptor> passed,
        Optional<Open> open,
        Optional<Long> set,
        List<Want> wants,
        Optional<Objection> refused) {
    /**
     * The file of a descriptor, by the descriptor itself.
     *
     * @param name that the kernel has for it
     * @param identity device and inode
     */
    record Open(HostPath name, FileIdentity identity, boolean isWritable) {}

    private static final int TYPE = 0170000;
    private static final int REGULAR = 0100000;
    private static final int BLOCK_DEVICE = 0060000;
    private static final int DIRECTORY = 0040000;

    private static final String SET = "fdset-id";

    /** How an image of qcow2 begins: "QFI" and 0xfb, docs/interop/qcow2.rst of qemu. */
    private static final byte[] QCOW2 = {'Q', 'F', 'I', (byte) 0xfb};

    private static final String GET = "getfd";
    private static final String ADD = "add-fd";

    SentDescriptor {
        passed = List.copyOf(passed);
        wants = List.copyOf(wants);
    }

    /** Finds the file. Descriptors that no command of these takes are closed. */
    static SentDescriptor of(List<Descriptor> received, Command command, VmState state) {
        String name = command.name();
        boolean isTaken = name.equals(GET) || name.equals(ADD);
        received.stream().skip(isTaken ? 1 : 0).forEach(Descriptor::close);
        Optional<Objection> reserved = command.arguments()
                .number(SET)
                .filter(number -> !new SetName(number).isOfClient() || state.isOwnSet(number))
                .map(_ -> new Objection(Rule.S14, "this descriptor set is the guard's own; choose another number"));
        if (reserved.isPresent() || !isTaken || received.isEmpty()) {
            return new SentDescriptor(
                    isTaken ? received.stream().limit(1).toList() : List.of(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    reserved);
        }
        Descriptor descriptor = received.getFirst();
        // The number of a new set is known with qemu's answer; until then it is of none.
        HoldTrigger end = name.equals(GET)
                ? CommandReader.descriptor(
                        command.arguments().text("fdname").orElse(""),
                        state.descriptors().next())
                : CommandReader.descriptorSet(command.arguments().number(SET).orElse(-1L));
        return of(descriptor, name, command.arguments().number(SET), end, state.nodes());
    }

    /**
     * Why it may not be passed on, now that its file is open by its name as well. The name must still be this file's: who
     * owns the directory can exchange it. A descriptor for writing of a file that the VM only reads is no block job's.
     */
    Optional<Objection> objection(NamedFiles files) {
        if (open.isEmpty()) {
            return Optional.empty();
        }
        HostPath name = open.get().name();
        if (!files.identity(name).equals(Optional.of(open.get().identity()))) {
            return Optional.of(new Objection(
                    Rule.S11, name.printable() + " is another file by now than the descriptor's; give it again"));
        }
        List<FileHold> holds = files.holds(name);
        return open.get().isWritable() && !holds.isEmpty() && holds.stream().noneMatch(FileHold::isWriting)
                ? Optional.of(new Objection(
                        Rule.S11, holds.getFirst().path() + " is only read by this VM; open it for reading"))
                : Optional.empty();
    }

    /**
     * Why it may not join the others of its set. qemu takes the member that is open in the way that it needs, so all have
     * to be of one file.
     *
     * @param holds of the VM
     * @param recorded the file of a hold: another one may have its name by now
     */
    Optional<Objection> mixed(
            List<FileHold> holds, NodeFiles nodes, Function<FileHold, Optional<FileIdentity>> recorded) {
        if (open.isEmpty() || set.isEmpty()) {
            return Optional.empty();
        }
        HostPath name = open.get().name();
        HoldTrigger end = CommandReader.descriptorSet(set.get());
        List<FileHold> held =
                holds.stream().filter(hold -> hold.trigger().equals(end)).toList();
        boolean isAnother = held.stream()
                .flatMap(hold -> recorded.apply(hold).stream())
                .anyMatch(file -> !file.withoutBirth().equals(open.get().identity()));
        Stream<HostPath> standing = nodes.graph().nodes().values().stream()
                .filter(node -> NodeFiles.set(node).equals(set))
                .flatMap(node -> nodes.path(node).stream());
        return Stream.concat(held.stream().map(FileHold::path), standing)
                .filter(other -> isAnother || !other.equals(name))
                .findFirst()
                .map(other -> new Objection(
                        Rule.S11,
                        "set " + set.get() + " has " + other.printable() + ", and this is "
                                + (other.equals(name) ? "another file of that name" : name.printable())
                                + "; give each file a set of its own"));
    }

    /** The name by which the file is held. */
    Optional<HostPath> file() {
        return open.map(Open::name);
    }

    private static SentDescriptor of(
            Descriptor descriptor, String command, Optional<Long> set, HoldTrigger end, NodeFiles nodes) {
        // A link of the kernel's: it leads to the open file itself, whatever its name leads to.
        Path link = Path.of("/proc/self/fd/" + descriptor.number());
        try {
            int mode = (int) Files.getAttribute(link, "unix:mode") & TYPE;
            if (mode == DIRECTORY) {
                return refused(descriptor, "this descriptor is of a directory; give one of a file");
            }
            if (mode != REGULAR && mode != BLOCK_DEVICE) {
                return new SentDescriptor(List.of(descriptor), Optional.empty(), set, List.of(), Optional.empty());
            }
            if ((int) Files.getAttribute(link, "unix:nlink") == 0) {
                return refused(descriptor, "the file of this descriptor has no name any more; give one that has");
            }
            FileIdentity identity = new FileIdentity(
                    (long) Files.getAttribute(link, "unix:dev"),
                    (long) Files.getAttribute(link, "unix:ino"),
                    Optional.empty());
            Open file = new Open(HostPath.of(Files.readSymbolicLink(link)), identity, isWritable(descriptor));
            boolean isShared = !file.isWritable() && (nodes.files().contains(file.name()) || isQcow2(link));
            DeclaredUse use = new DeclaredUse.FileUse(
                    new Origin(command),
                    isShared ? FileRole.CONFIGURATION : FileRole.SAVED_STATE,
                    file.name(),
                    UseAccess.of(file.isWritable()));
            return new SentDescriptor(
                    List.of(descriptor), Optional.of(file), set, List.of(new Want(use, end, false)), Optional.empty());
        } catch (IOException e) {
            return refused(descriptor, "the file of this descriptor cannot be found (" + e.getMessage() + ")");
        }
    }

    private static SentDescriptor refused(Descriptor descriptor, String message) {
        descriptor.close();
        return new SentDescriptor(
                List.of(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.of(new Objection(Rule.S11, message)));
    }

    /**
     * An image that is only read may be one that many VMs share. Any other file may be a key, or have all memory of a saved
     * VM, so that no other VM may read it; and so may one that cannot be read here.
     */
    private static boolean isQcow2(Path link) {
        try (InputStream file = Files.newInputStream(link)) {
            return Arrays.equals(file.readNBytes(QCOW2.length), QCOW2);
        } catch (IOException _) {
            return false;
        }
    }

    /** The flags of the open file, in octal: the last digit has its access mode. */
    private static boolean isWritable(Descriptor descriptor) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/fdinfo/" + descriptor.number())).stream()
                .filter(line -> line.startsWith("flags:"))
                .anyMatch(line -> (Character.digit(line.charAt(line.length() - 1), 8) & 3) != 0);
    }
}
