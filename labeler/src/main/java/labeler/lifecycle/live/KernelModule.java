package labeler.lifecycle.live;

import com.google.inject.AbstractModule;
import java.util.Optional;
import labeler.fileset.SquashedOpen;
import labeler.linux.Exec;
import labeler.linux.ExtendedAttributes;
import labeler.linux.FileUser;
import labeler.linux.Linux;
import labeler.linux.Processes;
import labeler.linux.SafeOpen;
import labeler.linux.UnixSockets;
import labeler.work.FileSystemWork;
import labeler.work.WaitLimits;

/** The kernel for classes that work on files of VMs: the whole, and its parts for those that need no more. */
public final class KernelModule extends AbstractModule {
    private final FileSystemWork work;
    private final Linux linux;

    /**
     * The module.
     *
     * @param limits of waiting for file systems
     * @param squashed the user for opening files that a file server denies root; empty for nobody
     */
    public KernelModule(Linux kernel, WaitLimits limits, Optional<FileUser> squashed) {
        this.work = new FileSystemWork(kernel.fileSystems(), limits);
        Linux noting = work.noting(kernel);
        this.linux = squashed.map(user -> noting.opening(new SquashedOpen(noting.open(), noting.users(), user)))
                .orElse(noting);
    }

    /** The kernel as it is bound. */
    public Linux linux() {
        return linux;
    }

    @Override
    protected void configure() {
        bind(FileSystemWork.class).toInstance(work);
        bind(Linux.class).toInstance(linux);
        bind(SafeOpen.class).toInstance(linux.open());
        bind(ExtendedAttributes.class).toInstance(linux.attributes());
        bind(Processes.class).toInstance(linux.processes());
        bind(Exec.class).toInstance(linux.exec());
        bind(UnixSockets.class).toInstance(linux.sockets());
    }
}
