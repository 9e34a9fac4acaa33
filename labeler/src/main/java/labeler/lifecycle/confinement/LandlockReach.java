package labeler.lifecycle.confinement;

import jakarta.inject.Inject;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import labeler.fileset.FileUse;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.HoldTrigger;
import labeler.journal.VmRecord;
import labeler.launch.LandlockPolicy;
import labeler.lifecycle.Matrix;
import labeler.lifecycle.Matrix.Reach;
import labeler.linux.HostPath;
import labeler.plan.Treatment;
import labeler.vm.FileRole;
import labeler.vm.SharedDevices;
import labeler.vm.UseAccess;

/**
 * The reach of a VM where SELinux is not active. The ruleset of a process cannot be read back from the kernel. But it
 * never grows, and the record says what it was made of: the parts of the system that the settings name, the files
 * that the VM holds, and the directories in which its qemu makes files.
 */
public final class LandlockReach {
    private static final Set<FileRole> MADE_NAMELESS = EnumSet.of(FileRole.MEMORY, FileRole.DISK);

    private final LandlockPolicy landlock;

    @Inject
    LandlockReach(LandlockPolicy landlock) {
        this.landlock = landlock;
    }

    /** The mechanism that keeps this VM from other VMs' files, if one does. */
    public static Matrix.Decider decider(VmRecord vm) {
        return vm.landlock() ? Matrix.Decider.LANDLOCK : Matrix.Decider.NOTHING;
    }

    /** The access of a VM to a file. Without a ruleset nothing stands between them. */
    public Reach of(VmRecord vm, FileRecord file) {
        if (!vm.landlock()) {
            return Reach.READ_WRITE;
        }
        Reach access = ofSystem(file.realPath());
        for (FileHold hold : vm.files()) {
            if (hold.isOn(file.id())) {
                access = wider(access, of(hold));
            }
        }
        boolean isInPlace = isNamed(places(vm), file.realPath())
                || (hasTerminal(vm) && file.realPath().isBelow(LandlockPolicy.TERMINAL_DIRECTORY));
        return isInPlace ? Reach.READ_WRITE : access;
    }

    /** The directories in which this VM's qemu makes nameless files: its ruleset gives it all that is below them. */
    public static List<HostPath> places(VmRecord vm) {
        // The ruleset of a process that runs gets no wider by what joins it.
        return vm.files().stream()
                .filter(hold -> hold.trigger() instanceof HoldTrigger.Start && isPlace(hold))
                .map(FileHold::path)
                .toList();
    }

    /** Whether it is a hold on a directory of nameless files. */
    public static boolean isPlace(FileHold hold) {
        return hold.file().isEmpty() && isPlace(hold.treatment(), hold.uses());
    }

    /**
     * Whether a file that nobody opened is a directory of nameless files. A VM of labeler's has no other of these roles; the
     * directories where libvirt's qemus have their memory look the same, and their files may have names.
     */
    public static boolean isPlace(Treatment treatment, List<FileUse> uses) {
        return treatment == Treatment.LEAVE
                && uses.stream()
                        .allMatch(use -> use.access() == UseAccess.CREATE && MADE_NAMELESS.contains(use.role()));
    }

    private static boolean hasTerminal(VmRecord vm) {
        return vm.files().stream().anyMatch(hold -> hold.path().equals(SharedDevices.TERMINALS));
    }

    private Reach ofSystem(HostPath realPath) {
        if (isNamed(landlock.devices(), realPath)) {
            return Reach.READ_WRITE;
        }
        return isNamed(landlock.system(), realPath) ? Reach.READ : Reach.NONE;
    }

    private static boolean isNamed(Iterable<HostPath> places, HostPath realPath) {
        for (HostPath place : places) {
            if (realPath.equals(place) || realPath.isBelow(place)) {
                return true;
            }
        }
        return false;
    }

    private static Reach of(FileHold hold) {
        if (hold.treatment() == Treatment.PASS) {
            return Reach.DESCRIPTOR;
        }
        return hold.isWriting() ? Reach.READ_WRITE : Reach.READ;
    }

    private static Reach wider(Reach one, Reach other) {
        return rank(one) >= rank(other) ? one : other;
    }

    private static int rank(Reach access) {
        return switch (access) {
            case NONE -> 0;
            case DESCRIPTOR -> 1;
            case READ -> 2;
            case READ_WRITE -> 3;
        };
    }
}
