package labeler.fileset;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import labeler.linux.FileIdentity;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.problem.Problem;

/**
 * The files that this host executes. A guest that may write one is every process that executes it, the next qemu of
 * each VM among them. Where it lies tells little, since a qemu may be installed anywhere: the VM's own program is known
 * by device and inode, and others by what the kernel goes by when it executes one. The service may not ask which
 * programs run, of other users not even with their numbers.
 */
final class ProgramFiles {
    private static final int EXECUTABLE = 0111;

    /** As far as {@code e_type} of an ELF header (elf(5)). */
    private static final int HEADER = 18;

    private static final int ELF = 0x7f454c46;
    private static final int CLASS_AT = 4;
    private static final int ORDER_AT = 5;
    private static final int TYPE_AT = 16;

    /** {@code ET_EXEC} and {@code ET_DYN}: a library is one of these as well. */
    private static final Set<Short> EXECUTED = Set.of((short) 2, (short) 3);

    private static final short SCRIPT = 0x2321;

    private final SafeOpen open;
    private final Collection<HostPath> names;
    private final Set<FileIdentity> own;

    /** @param own names of the program that is to become the VM; empty if they are not known */
    ProgramFiles(SafeOpen open, List<HostPath> own) {
        this.open = open;
        this.names = own;
        this.own = own.stream().flatMap(name -> open.number(name).stream()).collect(Collectors.toSet());
    }

    /** The host's use of a file that a header names, in words; empty for none. */
    Optional<String> use(OpenedFile file) {
        if (isOwn(file)) {
            return Optional.of("the program of this VM");
        }
        return switch (content(file)) {
            case EXECUTED -> Optional.of("a program or a library");
            case UNREADABLE -> Optional.of("nobody can tell what, since it cannot be read");
            case OTHER -> Optional.empty();
        };
    }

    /**
     * Why a VM may not have a file that its definition or a command names. As an image it would get a label that keeps
     * other VMs from their program; a kernel or a ROM is only read, and may be a program. What a guest can write on its own
     * disk decides nothing, as long as that disk has no right of execution.
     */
    Optional<Problem> refused(HostPath name, OpenedFile file, FileUse use) {
        if (isOwn(file)) {
            return Optional.of(Problem.of(
                    Problem.Kind.PROGRAM_FILE,
                    name,
                    "is the program of this VM, and " + use.origin()
                            + " names it: it is no file for a VM; name another"));
        }
        boolean isProgram =
                (use.isWriting() || use.role().isImage()) && isExecutable(file) && content(file) == Content.EXECUTED;
        return isProgram
                ? Optional.of(Problem.of(
                        Problem.Kind.PROGRAM_FILE,
                        name,
                        "is a program or a library of this host, and " + use.origin()
                                + " would have it as the VM's; name another file, or take its right of execution"
                                + " (chmod a-x) if it is an image"))
                : Optional.empty();
    }

    /** Whether the VM's own program is in this directory, at any depth. */
    boolean areBelow(OpenedFile directory) {
        FileIdentity number = directory.identity().withoutBirth();
        return names.stream().anyMatch(name -> {
            if (open.find(name, OpenRequest.IMAGE) instanceof OpenedFile program) {
                try (program) {
                    return open.above(program.realPath()).contains(number);
                }
            }
            return false;
        });
    }

    private boolean isOwn(OpenedFile file) {
        return own.contains(file.identity().withoutBirth());
    }

    private static boolean isExecutable(OpenedFile file) {
        return (file.status().mode() & EXECUTABLE) != 0;
    }

    private enum Content {
        EXECUTED,
        OTHER,
        UNREADABLE
    }

    private static Content content(OpenedFile file) {
        if (file.status().type() != FileType.REGULAR) {
            return Content.OTHER;
        }
        ByteBuffer begin = ByteBuffer.allocate(HEADER);
        try {
            int length = file.read(begin, 0);
            // The loader only reads a library: not each has the right of execution.
            boolean isExecuted = (length >= HEADER && isElf(begin))
                    || (length >= Short.BYTES && begin.getShort(0) == SCRIPT && isExecutable(file));
            return isExecuted ? Content.EXECUTED : Content.OTHER;
        } catch (LinuxException e) {
            return Content.UNREADABLE;
        }
    }

    private static boolean isElf(ByteBuffer begin) {
        if (begin.getInt(0) != ELF || (begin.get(CLASS_AT) != 1 && begin.get(CLASS_AT) != 2)) {
            return false;
        }
        ByteOrder order = begin.get(ORDER_AT) == 1 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        return EXECUTED.contains(begin.duplicate().order(order).getShort(TYPE_AT));
    }
}
