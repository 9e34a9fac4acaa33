package labeler.launch;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import labeler.fileset.FileUse;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.plan.PlannedFile;
import labeler.plan.Treatment;
import labeler.vm.FileRole;
import labeler.vm.NameTable;
import labeler.vm.SharedDevices;
import labeler.vm.UseAccess;

/**
 * The files that a confined qemu may reach: its VM's files, and the parts of the system that every program needs.
 *
 * @param mode whether Landlock is used at all
 * @param system files and directories to read and execute
 * @param devices to read and write
 */
public record LandlockPolicy(Mode mode, List<HostPath> system, List<HostPath> devices) {
    /** When to use it. */
    public enum Mode {
        /** If the kernel has it. */
        AUTO,
        /** Always: {@code run} fails without it. */
        ON,
        OFF
    }

    /** The files of a Debian system that qemu was seen to open (strace), and no directory that holds secrets. */
    public static final LandlockPolicy DEFAULT = new LandlockPolicy(
            Mode.AUTO, NameTable.inOrder("""
                /usr /lib /lib64 /bin
                /etc/ld.so.cache /etc/ld.so.preload /etc/localtime /etc/nsswitch.conf /etc/passwd /etc/group /etc/hosts
                /etc/resolv.conf /etc/host.conf /etc/gai.conf /etc/services /etc/qemu /etc/qemu-ifup
                /proc/self /proc/sys/vm /sys/devices/system /sys/kernel/mm /sys/module/kvm
                """).stream().map(HostPath::of).toList(), SharedDevices.OPEN_TO_ALL);

    /** The kernel makes a VM's terminal in the directory of all terminals. */
    public static final HostPath TERMINAL_DIRECTORY = HostPath.of("/dev/pts");

    public LandlockPolicy {
        system = List.copyOf(system);
        devices = List.copyOf(devices);
    }

    /** Everything that a VM with these files may reach. */
    public List<Allowance> allowances(List<PlannedFile> files) {
        List<Allowance> allowances = new ArrayList<>();
        system.forEach(path -> allowances.add(new Allowance(path, Allowance.Kind.SYSTEM, Optional.empty())));
        devices.forEach(path -> allowances.add(new Allowance(path, Allowance.Kind.DEVICE, Optional.empty())));
        for (PlannedFile file : files) {
            if (file.treatment() == Treatment.PASS || isSocket(file)) {
                // The file is used through its descriptor, which a ruleset does not hinder; its name leads nowhere. And
                // Landlock has no right for connecting to a socket that is there (up to version 7).
                continue;
            }
            allowances.add(new Allowance(file.path(), kind(file), file.file().identity()));
            if (file.path().equals(SharedDevices.TERMINALS)) {
                allowances.add(new Allowance(TERMINAL_DIRECTORY, Allowance.Kind.DEVICE, Optional.empty()));
            }
        }
        return allowances;
    }

    private static boolean isSocket(PlannedFile file) {
        return file.file().type().equals(Optional.of(FileType.SOCKET));
    }

    private static Allowance.Kind ofMade(FileRole role) {
        if (role == FileRole.SHARED_DEVICE) {
            return Allowance.Kind.DEVICE;
        }
        boolean link = role == FileRole.CHARACTER_DEVICE;
        return role == FileRole.SOCKET ? Allowance.Kind.SOCKET : link ? Allowance.Kind.LINK : Allowance.Kind.OUTPUT;
    }

    private static Allowance.Kind kind(PlannedFile file) {
        boolean made = file.treatment() == Treatment.LEAVE
                && file.file().identity().isEmpty()
                && file.file().uses().stream().allMatch(use -> use.access() == UseAccess.CREATE);
        if (made) {
            return ofMade(file.file().uses().getFirst().role());
        }
        boolean isReading = file.file().uses().stream().noneMatch(FileUse::isWriting);
        if (file.file().isTree()) {
            return isReading ? Allowance.Kind.TREE_READ : Allowance.Kind.TREE;
        }
        return isReading ? Allowance.Kind.READ : Allowance.Kind.READ_WRITE;
    }
}
