package labeler.survey.look;

import java.nio.file.Path;
import java.util.Optional;
import labeler.adoption.DefinedDomains;
import labeler.fileset.FileSetBuilder;
import labeler.linux.Linux;
import labeler.selinux.SelinuxHost;
import labeler.selinux.VirtualContexts;
import labeler.work.FileSystemWork;

/**
 * The sources that a look asks.
 *
 * @param work waits for file systems, and no longer than a person would
 * @param linux by {@link ReadingLinux}, noted by the work
 * @param fileSets made with that
 * @param domains empty for a user whom libvirt would ask for a password
 * @param proc the directory of processes
 */
public record HostSources(
        FileSystemWork work,
        Linux linux,
        FileSetBuilder fileSets,
        SelinuxHost selinux,
        VirtualContexts contexts,
        Optional<DefinedDomains> domains,
        Path proc) {}
