package labeler.explain;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import labeler.lifecycle.VmView;
import labeler.linux.Access;
import labeler.linux.AttributeName;
import labeler.linux.DeviceNumber;
import labeler.linux.ExtendedAttributes;
import labeler.linux.FileIdentity;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.selinux.StoredLabel;

/** Finds the file that a denial or a person means, and who holds it. It only looks, and opens nothing. */
final class HeldFileSearch {
    private static final OpenRequest ANY =
            new OpenRequest(Access.READ_ONLY, EnumSet.allOf(FileType.class), OpenRequest.Links.FOLLOW);

    private static final Path PARTITIONS = Path.of("/proc/partitions");

    /** Major and minor number, blocks, name (proc(5)). */
    private static final Pattern PARTITION = Pattern.compile(" *(\\d{1,6}) +(\\d{1,7}) +\\d+ +(\\S+)");

    /** A file system without a block device, such as NFS. */
    private static final Pattern ANONYMOUS = Pattern.compile("(\\d{1,6}):(\\d{1,7})");

    private final SafeOpen open;
    private final ExtendedAttributes attributes;
    private final List<VmView> vms;

    /**
     * The numbers by which a denial tells its file.
     *
     * @param inode number of the file
     * @param device number of its file system, as st_dev has it
     */
    private record Told(OptionalLong inode, Optional<Long> device) {
        /** Whether this is the file of the denial; empty if that cannot be told by numbers. */
        Optional<Boolean> is(FileIdentity identity) {
            return inode.isEmpty()
                    ? Optional.empty()
                    : Optional.of(identity.inode() == inode.getAsLong()
                            && device.filter(number -> number != identity.device())
                                    .isEmpty());
        }
    }

    HeldFileSearch(SafeOpen open, ExtendedAttributes attributes, List<VmView> vms) {
        this.open = open;
        this.attributes = attributes;
        this.vms = List.copyOf(vms);
    }

    /** The file that a person names. */
    Facts.File named(HostPath path) {
        Optional<FileIdentity> now = open.number(path);
        Told told = new Told(OptionalLong.empty(), Optional.empty());
        return new Facts.File(path, now.isPresent(), label(path), holds(Optional.of(path), told, now));
    }

    /**
     * The file of a denial; empty if the denial has only a part of its name and no VM holds it. A guest can have any file
     * of the host named in a denial: one that no VM holds is not looked at. The kernel would also deny that to the service,
     * and the log would have one more denial for each that is explained.
     */
    Optional<Facts.File> denied(Denial denial) {
        Told told = new Told(denial.inode(), denial.device().flatMap(HeldFileSearch::device));
        List<Facts.Hold> holds = holds(denial.path(), told, Optional.empty());
        if (holds.isEmpty()) {
            return denial.path().map(path -> new Facts.File(path, false, Optional.empty(), holds));
        }
        HostPath path = denial.path().orElse(holds.getFirst().file().path());
        return Optional.of(new Facts.File(path, open.number(path).isPresent(), label(path), holds));
    }

    private List<Facts.Hold> holds(Optional<HostPath> path, Told told, Optional<FileIdentity> now) {
        return vms.stream()
                .flatMap(vm -> vm.files().stream().map(file -> new Facts.Hold(vm, file)))
                .filter(hold -> isIt(hold, path, told, now))
                .toList();
    }

    /** By the numbers where they are known: the same name may lead elsewhere in another mount namespace, or by now. */
    private static boolean isIt(Facts.Hold hold, Optional<HostPath> path, Told told, Optional<FileIdentity> now) {
        Optional<FileIdentity> held = hold.file().identity().map(FileIdentity::withoutBirth);
        Optional<Boolean> byDenial = held.flatMap(told::is);
        if (byDenial.isPresent()) {
            return byDenial.get();
        }
        return (held.isPresent() && held.equals(now))
                || path.equals(Optional.of(hold.file().path()));
    }

    private Optional<String> label(HostPath path) {
        if (!(open.find(path, ANY) instanceof OpenedFile file)) {
            return Optional.empty();
        }
        try (file) {
            return attributes
                    .get(file, AttributeName.SECURITY_SELINUX)
                    .map(StoredLabel::of)
                    .map(StoredLabel::printable);
        } catch (LinuxException e) {
            return Optional.empty();
        }
    }

    /**
     * The number of the device that a denial names, as st_dev has it; empty if this host does not tell. In /proc/partitions,
     * which the service's domain may read, and not in /sys, which it may not.
     */
    private static Optional<Long> device(String name) {
        Matcher anonymous = ANONYMOUS.matcher(name);
        if (anonymous.matches()) {
            return Optional.of(number(anonymous));
        }
        try (Stream<String> lines = Files.lines(PARTITIONS, StandardCharsets.US_ASCII)) {
            return lines.map(PARTITION::matcher)
                    .filter(line -> line.matches() && line.group(3).equals(name))
                    .findFirst()
                    .map(HeldFileSearch::number);
        } catch (IOException | UncheckedIOException e) {
            return Optional.empty();
        }
    }

    private static long number(Matcher numbers) {
        return DeviceNumber.of(Integer.parseInt(numbers.group(1)), Integer.parseInt(numbers.group(2)));
    }
}
