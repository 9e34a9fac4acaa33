package labeler.leftover;

import jakarta.inject.Inject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import labeler.linux.Access;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.Pid;
import labeler.linux.SafeOpen;
import labeler.vm.VmName;

/**
 * Files of libvirt about one running domain: its state, and the number of its process. A qemu may own the directory,
 * and then makes and removes files in it. So only a file of root's counts; and that one is missing proves no end.
 */
public final class LibvirtStates {
    /** Nothing but a regular file, and no link on the way: a pipe would block whoever opens it. */
    static final OpenRequest PLAIN =
            new OpenRequest(Access.READ_ONLY, EnumSet.of(FileType.REGULAR), OpenRequest.Links.NONE);

    private final SafeOpen open;
    private final HostPath directory;

    @Inject
    public LibvirtStates(Linux linux, LibvirtFiles libvirt) {
        this.open = linux.open();
        this.directory = HostPath.of(libvirt.running());
    }

    /** Where they are. */
    public Path directory() {
        return directory.jdkPath();
    }

    /** The content of one file. */
    public sealed interface Content {}

    /** A file of root's, with this in it. */
    public record Text(String bytes) implements Content {
        /** As it is in the file. */
        public byte[] raw() {
            return bytes.getBytes(StandardCharsets.ISO_8859_1);
        }
    }

    /** There is no such file, and the directory is there. */
    public record None() implements Content {}

    /** The file there does not count, or nobody can say what is there. */
    public record Unknown(String reason) implements Content {}

    /** The state of a running domain. */
    public Content state(VmName name) {
        return content(name.value() + LibvirtFiles.SUFFIX);
    }

    /** The process that libvirt has started for a domain, by the pid file that it writes before the process becomes qemu. */
    public Optional<Pid> process(VmName name) {
        return started(name) instanceof Text text ? pid(text) : Optional.empty();
    }

    /** The pid file of a domain. */
    public Content started(VmName name) {
        return content(name.value() + ".pid");
    }

    /** The number in a pid file. */
    public static Optional<Pid> pid(Text file) {
        String text = file.bytes().strip();
        return text.matches("[1-9][0-9]{0,6}") && Integer.parseInt(text) <= Pid.MAXIMUM
                ? Optional.of(new Pid(Integer.parseInt(text)))
                : Optional.empty();
    }

    private Content content(String name) {
        return switch (open.open(directory, OpenRequest.DIRECTORY)) {
            case OpenRefusal refusal -> new Unknown(directory + ": " + refusal.detail());
            case OpenedFile opened -> {
                try (opened) {
                    yield content(opened, directory.child(name));
                }
            }
        };
    }

    private Content content(OpenedFile in, HostPath file) {
        return switch (open.open(file, PLAIN)) {
            case OpenRefusal refusal ->
                // A directory that has just been moved away has not lost this file.
                refusal.reason() == OpenRefusal.Reason.MISSING
                                && open.number(directory)
                                        .equals(Optional.of(in.identity().withoutBirth()))
                        ? new None()
                        : new Unknown(file + ": " + refusal.detail());
            case OpenedFile opened -> {
                try (opened) {
                    yield opened.status().uid() == 0
                            ? read(opened)
                            : new Unknown(file + ": it does not belong to root");
                } catch (LinuxException e) {
                    yield new Unknown(String.valueOf(e.getMessage()));
                }
            }
        };
    }

    /** The content of a file of root's. */
    static Content read(OpenedFile file) throws LinuxException {
        if (file.status().size() > LibvirtFiles.LARGEST_FILE) {
            return new Unknown(file.path() + ": it is too long");
        }
        // It is replaced, never written: its size is that of its whole content.
        ByteBuffer bytes = ByteBuffer.allocate((int) file.status().size());
        int length = file.read(bytes, 0);
        return new Text(new String(Arrays.copyOf(bytes.array(), length), StandardCharsets.ISO_8859_1));
    }
}
