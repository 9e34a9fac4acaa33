package labeler.linux.fake;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import labeler.linux.Descriptor;
import labeler.linux.Errno;
import labeler.linux.Exec;
import labeler.linux.HostPath;
import labeler.linux.LandlockRule;
import labeler.linux.LinuxException;

/** Keeps a record of what the process would have become, and throws {@link Became} in place of never returning. */
public final class FakeExec implements Exec {
    /** The program that the process became. */
    public static final class Became extends Error {
        private static final long serialVersionUID = 1;

        private final transient Program program;

        Became(Program program) {
            super("became " + program.path());
            this.program = program;
        }

        public Program program() {
            return program;
        }
    }

    /** A program as it would have been started. */
    public record Program(
            HostPath path,
            List<byte[]> arguments,
            List<byte[]> environment,
            Optional<byte[]> context,
            Set<Integer> inherited,
            Optional<List<LandlockRule>> rules) {}

    private final FakeKernel kernel;
    private final List<Program> programs = new ArrayList<>();
    private int landlockVersion = 7;

    FakeExec(FakeKernel kernel) {
        this.kernel = kernel;
    }

    /** All programs that it became, oldest first. */
    public List<Program> programs() {
        synchronized (kernel) {
            return List.copyOf(programs);
        }
    }

    /** The version of Landlock that the kernel offers; 0 for none. */
    public void setLandlockVersion(int version) {
        synchronized (kernel) {
            landlockVersion = version;
        }
    }

    @Override
    public int landlockVersion() throws LinuxException {
        kernel.faults.check("landlock_create_ruleset", "version", false);
        synchronized (kernel) {
            return landlockVersion;
        }
    }

    @Override
    public LinuxException become(
            HostPath program,
            List<byte[]> arguments,
            List<byte[]> environment,
            Optional<byte[]> context,
            Set<Descriptor> inherited) {
        return start(program, arguments, environment, context, inherited, Optional.empty());
    }

    @Override
    public LinuxException becomeConfined(
            HostPath program,
            List<byte[]> arguments,
            List<byte[]> environment,
            Optional<byte[]> context,
            Set<Descriptor> inherited,
            List<LandlockRule> rules) {
        synchronized (kernel) {
            if (landlockVersion == 0) {
                return new LinuxException("landlock_add_rule", program.printable(), Errno.ENOSYS.code());
            }
        }
        return start(program, arguments, environment, context, inherited, Optional.of(List.copyOf(rules)));
    }

    private LinuxException start(
            HostPath program,
            List<byte[]> arguments,
            List<byte[]> environment,
            Optional<byte[]> context,
            Set<Descriptor> inherited,
            Optional<List<LandlockRule>> rules) {
        try {
            kernel.faults.check("execve", program.printable(), false);
            Set<Integer> numbers = new TreeSet<>();
            for (Descriptor descriptor : inherited) {
                numbers.add(descriptor.number());
            }
            synchronized (kernel) {
                Inode inode = kernel.tree
                        .find(program, FileTree.Last.FOLLOW, FileTree.Refuse.NOTHING)
                        .inode();
                if (inode == null) {
                    return new LinuxException("execve", program.printable(), Errno.ENOENT.code());
                }
                Program started = new Program(program, arguments, environment, context, numbers, rules);
                programs.add(started);
                throw new Became(started);
            }
        } catch (FileTree.LinkRefused e) {
            throw new IllegalStateException("no link is refused here", e);
        } catch (LinuxException e) {
            return e;
        }
    }
}
