package labeler.lifecycle.start;

import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.fileset.FileSet;
import labeler.journal.VmRecord;
import labeler.launch.HandedDescriptor;
import labeler.launch.Handovers;
import labeler.launch.LocalCopies;
import labeler.launch.RuntimeDirectories;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.plan.DescriptorHandover;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.plan.VmContexts;
import labeler.problem.Problem;
import labeler.selinux.SecurityContext;
import labeler.selinux.SelinuxHost;
import labeler.vm.VmName;

/** The files for a launch: the VM's runtime directory, copies in it of files that qemu reads by name, descriptors. */
record LaunchFiles(
        RuntimeDirectories runtime,
        LocalCopies copies,
        SelinuxHost selinux,
        DescriptorHandover descriptors,
        Handovers handovers) {
    @Inject
    LaunchFiles {}

    /** The present or future place of the directory. */
    Path path(VmName name) {
        return runtime.path(name);
    }

    /** Makes the directory if one is needed; otherwise answers why it is not there. */
    Optional<Problem> make(StartRequest request, VmContexts contexts) {
        return request.launch() == StartRequest.Launch.RUN
                ? runtime.create(
                        request.name(),
                        label(contexts.image()),
                        request.owner().uid(),
                        request.owner().gid())
                : Optional.empty();
    }

    void remove(VmName name) {
        runtime.remove(name);
    }

    /** Makes the copies; answers why one could not be made. */
    Optional<Problem> copy(DescriptorHandover.Possible handover, FileSet files, VmContexts contexts) {
        for (Map.Entry<HostPath, HostPath> copy : handover.copies().entrySet()) {
            OpenedFile source = files.named(copy.getKey())
                    .orElseThrow(() -> new IllegalStateException(copy.getKey() + " is not in the file set"));
            try {
                copies.make(source, copy.getValue().jdkPath(), label(contexts.content()));
            } catch (IOException e) {
                return Optional.of(Problem.of(
                        Problem.Kind.LABELS_UNAVAILABLE,
                        copy.getKey(),
                        "qemu reads it by its name, and it cannot be copied (" + e.getMessage() + ")"));
            }
        }
        return Optional.empty();
    }

    /** Opens the files to hand over. The caller closes them, unless they are offered. */
    List<HandedDescriptor> open(DescriptorHandover.Possible handover, FileSet files) throws LinuxException {
        return descriptors.open(files, handover.rewritten().descriptors());
    }

    /** From now on the VM's process may fetch them. */
    void offer(VmRecord vm, List<HandedDescriptor> handed) {
        if (!handed.isEmpty()) {
            handovers.offer(vm.process().orElseThrow(), handed);
        }
    }

    private Optional<SecurityContext> label(SecurityContext context) {
        return Optional.of(context).filter(_ -> selinux.isActive());
    }
}
