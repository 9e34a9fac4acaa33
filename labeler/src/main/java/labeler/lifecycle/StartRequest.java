package labeler.lifecycle;

import java.util.Locale;
import java.util.Optional;
import labeler.linux.Pid;
import labeler.plan.Passing;
import labeler.selinux.Level;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import labeler.vm.qemu.option.QemuCommandLine;

/**
 * What is asked for at a start, or in a plan.
 *
 * @param commandLine the definition as a command line; empty for one of libvirt's
 * @param level to be used; empty for one of the service's choice
 * @param pid the process that the VM lives in, or will become it; its end is the VM's
 * @param owner who files are created for
 * @param launch who puts the walls around the process
 */
public record StartRequest(
        VmName name,
        VmDefinition definition,
        Optional<QemuCommandLine> commandLine,
        Optional<Level> level,
        Optional<Pid> pid,
        Owner owner,
        Launch launch) {
    /** Who starts qemu. */
    public enum Launch {
        /** {@code labeler run}, which confines itself before it becomes qemu. */
        RUN,
        /** Somebody else, who knows nothing of Landlock. */
        ELSEWHERE;

        /** The word for it in JSON. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What a start can do with files that carry no label.
     *
     * @param domains what it can do for libvirt's domains, whose qemu opens files by itself
     */
    public Passing passing(Passing domains) {
        return commandLine.isPresent() && launch == Launch.ELSEWHERE
                ? new Passing.Impossible("start it with labeler run, which hands such files over")
                : planned(domains);
    }

    /** The same for a plan, which does not know yet who will start qemu. */
    public Passing planned(Passing domains) {
        if (commandLine.isEmpty()) {
            return domains;
        }
        // The service would open a file for whoever names it, with its own rights and not with theirs.
        return owner.uid() == 0
                ? new Passing.Possible()
                : new Passing.Impossible("the service hands files over to root alone: start it as root");
    }

    /** A user and a group. */
    public record Owner(int uid, int gid) {}
}
