package labeler.lifecycle.confinement;

import jakarta.inject.Inject;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.VmRecord;
import labeler.launch.LandlockPolicy;
import labeler.lifecycle.Matrix;
import labeler.lifecycle.Matrix.Reach;
import labeler.linux.HostPath;
import labeler.plan.Treatment;

/**
 * What a VM can reach where SELinux is not active. The ruleset of a process cannot be read back from the kernel. But it
 * never grows, and the record says what it was made of: the parts of the system that the settings name, and the files
 * that the VM holds.
 */
public final class LandlockReach {
    private final LandlockPolicy landlock;

    @Inject
    LandlockReach(LandlockPolicy landlock) {
        this.landlock = landlock;
    }

    /** What keeps this VM from other VMs' files. */
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
        return access;
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
