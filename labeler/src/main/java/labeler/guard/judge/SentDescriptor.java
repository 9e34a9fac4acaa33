package labeler.guard.judge;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.guard.relay.Command;
import labeler.guard.sense.CommandReader;
import labeler.guard.sense.Objection;
import labeler.guard.sense.Rule;
import labeler.guard.sense.Want;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.linux.Descriptor;
import labeler.linux.HostPath;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;

/**
 * A descriptor that a client has sent. It is judged by its file, as a name is. One of a pipe or a socket has no file.
 *
 * @param passed to qemu with the command
 * @param file that it is of; empty for one without a name, or for no descriptor
 * @param wants the file, held for as long as qemu has the descriptor
 * @param objection why it may not be passed on
 */
record SentDescriptor(
        List<Descriptor> passed, Optional<HostPath> file, List<Want> wants, Optional<Objection> objection) {
    /** Numbers from here on are the guard's. */
    private static final long FIRST_OWN_SET = 1_000_000;

    private static final String SET = "fdset-id";

    /** The kernel's mark of a name that is no more. */
    private static final String UNLINKED = " (deleted)";

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
                .filter(number -> number >= FIRST_OWN_SET || state.isOwnSet(number))
                .map(_ -> new Objection(Rule.S14, "this descriptor set is the guard's own; choose another number"));
        if (reserved.isPresent() || !isTaken || received.isEmpty()) {
            return new SentDescriptor(
                    isTaken ? received.stream().limit(1).toList() : List.of(), Optional.empty(), List.of(), reserved);
        }
        Descriptor descriptor = received.getFirst();
        // The number of a new set is known with qemu's answer; until then it is of none.
        HoldTrigger end = name.equals(GET)
                ? CommandReader.descriptor(command.arguments().text("fdname").orElse(""))
                : CommandReader.descriptorSet(command.arguments().number(SET).orElse(-1L));
        return of(descriptor, name, end);
    }

    /** A descriptor for writing of a file that the VM only reads is no block job's. */
    Optional<Objection> writesWhatIsRead(List<FileHold> holds) {
        boolean writes = wants.stream()
                .anyMatch(want -> want.use() instanceof DeclaredUse.FileUse use && use.access() != UseAccess.READ_ONLY);
        List<FileHold> own = holds.stream()
                .filter(hold -> file.equals(Optional.of(hold.path())))
                .toList();
        return writes && !own.isEmpty() && own.stream().noneMatch(FileHold::isWriting)
                ? Optional.of(new Objection(
                        Rule.S11, own.getFirst().path() + " is only read by this VM; open it for reading"))
                : Optional.empty();
    }

    private static SentDescriptor of(Descriptor descriptor, String command, HoldTrigger end) {
        Path link = Path.of("/proc/self/fd/" + descriptor.number());
        try {
            boolean isFile = Files.isRegularFile(link) || isBlockDevice(link);
            if (!isFile) {
                return new SentDescriptor(List.of(descriptor), Optional.empty(), List.of(), Optional.empty());
            }
            HostPath path = HostPath.of(Files.readSymbolicLink(link));
            if (!isNameOf(path, link)) {
                return refused(descriptor, "the file of this descriptor has no name any more; give one that has");
            }
            DeclaredUse use = new DeclaredUse.FileUse(
                    new Origin(command),
                    FileRole.SAVED_STATE,
                    path,
                    isWritable(descriptor) ? UseAccess.READ_WRITE : UseAccess.READ_ONLY);
            return new SentDescriptor(
                    List.of(descriptor), Optional.of(path), List.of(new Want(use, end, false)), Optional.empty());
        } catch (IOException e) {
            return refused(descriptor, "the file of this descriptor cannot be found (" + e.getMessage() + ")");
        }
    }

    private static boolean isNameOf(HostPath path, Path link) throws IOException {
        if (path.printable().endsWith(UNLINKED)) {
            return false;
        }
        try {
            return Files.isSameFile(path.jdkPath(), link);
        } catch (NoSuchFileException e) {
            return false;
        } catch (AccessDeniedException e) {
            // On an export with root_squash root is nobody. The file is opened again as the user who may.
            return true;
        }
    }

    private static SentDescriptor refused(Descriptor descriptor, String message) {
        descriptor.close();
        return new SentDescriptor(
                List.of(), Optional.empty(), List.of(), Optional.of(new Objection(Rule.S11, message)));
    }

    private static boolean isBlockDevice(Path link) throws IOException {
        int mode = (int) Files.getAttribute(link, "unix:mode");
        return (mode & 0170000) == 0060000;
    }

    /** The flags of the open file, in octal: the last digit has its access mode. */
    private static boolean isWritable(Descriptor descriptor) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/fdinfo/" + descriptor.number())).stream()
                .filter(line -> line.startsWith("flags:"))
                .anyMatch(line -> (Character.digit(line.charAt(line.length() - 1), 8) & 3) != 0);
    }
}
