package labeler.linux.jna;

import com.sun.jna.LastErrorException;
import java.util.List;
import labeler.linux.Errno;
import labeler.linux.LandlockRight;
import labeler.linux.LandlockRule;

/** Landlock (landlock(7), since Linux 5.13): restricts the calling thread, and the program that it becomes. */
final class Landlock {
    private final int version;

    private Landlock(int version) {
        this.version = version;
    }

    /** Asks the kernel; version 0 if it has none (ENOSYS) or it was disabled at boot (EOPNOTSUPP). */
    static Landlock ofThisKernel() throws LastErrorException {
        try {
            return new Landlock(
                    (int) LibC.syscall(Abi.Landlock.CREATE_RULESET, 0, 0, Abi.Landlock.CREATE_RULESET_VERSION, 0, 0));
        } catch (LastErrorException e) {
            if (e.getErrorCode() == Errno.ENOSYS.code() || e.getErrorCode() == Errno.EOPNOTSUPP.code()) {
                return new Landlock(0);
            }
            throw e;
        }
    }

    int version() {
        return version;
    }

    /** A descriptor of a ruleset that denies every right that the kernel knows, except by these rules. */
    int ruleset(Scratch scratch, List<LandlockRule> rules) throws LastErrorException {
        long handled = 0;
        for (LandlockRight right : LandlockRight.values()) {
            handled |= known(right);
        }
        scratch.putLong(Abi.Landlock.HANDLED, handled);
        int ruleset = (int)
                LibC.syscall(Abi.Landlock.CREATE_RULESET, scratch.structure(), Abi.Landlock.RULESET_SIZE, 0, 0, 0);
        boolean kept = false;
        try {
            for (LandlockRule rule : rules) {
                add(scratch, ruleset, rule);
            }
            kept = true;
            return ruleset;
        } finally {
            if (!kept) {
                Calls.close(ruleset);
            }
        }
    }

    private long known(LandlockRight right) {
        return right.version() <= version ? right.mask() : 0;
    }

    private void add(Scratch scratch, int ruleset, LandlockRule rule) throws LastErrorException {
        long allowed = 0;
        for (LandlockRight right : rule.rights()) {
            allowed |= known(right);
        }
        if (allowed == 0) {
            // The kernel restricts none of these rights, and refuses a rule without rights.
            return;
        }
        scratch.putLong(Abi.Landlock.ALLOWED, allowed);
        scratch.putInt(Abi.Landlock.BENEATH, rule.file().descriptor().number());
        LibC.syscall(Abi.Landlock.ADD_RULE, ruleset, Abi.Landlock.RULE_PATH_BENEATH, scratch.structure(), 0, 0);
    }

    /**
     * Restricts this thread for ever. Without CAP_SYS_ADMIN the thread first sets {@code no_new_privs}, as it must.
     * With the capability it does not, since an SELinux transition would then need {@code nnp_transition}.
     */
    static void restrict(int ruleset) throws LastErrorException {
        try {
            LibC.syscall(Abi.Landlock.RESTRICT_SELF, ruleset, 0, 0, 0, 0);
        } catch (LastErrorException e) {
            if (e.getErrorCode() != Errno.EPERM.code()) {
                throw e;
            }
            LibC.prctl(Abi.Landlock.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            LibC.syscall(Abi.Landlock.RESTRICT_SELF, ruleset, 0, 0, 0, 0);
        }
    }
}
