package labeler.host;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import labeler.adoption.Adoption;
import labeler.adoption.DefinedDomains;
import labeler.api.StartBody;
import labeler.arguments.RawArguments;
import labeler.chain.ImageFile;
import labeler.chain.ImageOpener;
import labeler.cluster.setup.ClusterDesk;
import labeler.config.ConfigReader;
import labeler.fileset.ImageLabels;
import labeler.launch.Allowance;
import labeler.launch.HandedDescriptor;
import labeler.launch.LandlockRules;
import labeler.lifecycle.PlanOutcome;
import labeler.linux.Exec;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.openfiles.Look;
import labeler.policy.Policy;
import labeler.selinux.SelinuxHost;
import labeler.survey.Sight;
import labeler.survey.SurveyRequest;

/**
 * The parts of this machine that commands need. Each is made only on demand: {@code labeler status} loads no native
 * code.
 */
public interface Host {
    /** The environment variables, one character a byte as in {@link RawArguments}. */
    Map<String, String> environment();

    Pid pid();

    /**
     * Waits until nobody reads the results of this process any more, as behind {@code head}.
     *
     * @return whether that is so, at the latest after this time
     */
    boolean awaitReadersEnd(Duration most) throws IOException;

    HostPath workingDirectory();

    /** Opens images by name. Relative names start at the working directory. */
    ImageOpener<? extends ImageFile> images();

    /** The labels of images that {@link #images} has opened. */
    ImageLabels labels();

    Exec exec();

    /**
     * The descriptors that the service has opened for the VM that this process becomes.
     *
     * @param socket the socket on which it hands descriptors over
     * @return descriptors that the caller closes, or lets a program inherit
     * @throws IOException if they do not all come
     */
    List<HandedDescriptor> descriptors(HostPath socket) throws IOException;

    /** The open files of a VM's process. */
    Look openFiles(Pid process);

    /** These allowances as Landlock rules for the program that this process becomes. */
    LandlockRules.Result landlockRules(List<Allowance> allowances, HostPath program);

    /**
     * Lines of the kernel's audit log on this machine that belong to denials since this time, the oldest first.
     *
     * @throws IOException if they cannot be read
     */
    DeniedSince kernelAudit(Instant since) throws IOException;

    /**
     * The plan of a VM, made without the service.
     *
     * @param body a body with a name
     * @throws IOException if this host has no policy to take contexts from
     */
    PlanOutcome plan(StartBody body) throws IOException;

    /**
     * The policy module on this machine, or in the root directory of another.
     *
     * @param progress gets messages during long steps
     */
    Policy policy(Optional<Path> root, Consumer<String> progress);

    /** The state of SELinux. */
    SelinuxHost selinux();

    /** The settings of the service on this machine, or what is wrong with them. */
    ConfigReader.Result settings();

    /** The emulators of libvirt's domains. */
    Adoption adoption();

    /**
     * The steps that an administrator may take with a cluster.
     *
     * @param settings the settings file of the service
     * @param dropIns the directory of the drop-ins of its unit
     */
    ClusterDesk cluster(Path settings, Path dropIns);

    /** Has systemd read the units again, and restart the service; the reason if it does not. */
    Optional<String> restartService();

    /** The definitions of libvirt's domains. */
    DefinedDomains domains();

    /**
     * Looks at all of this machine, without a change of anything.
     *
     * @param settings the service's: where images are, and what a header may name. If they are invalid the defaults count
     * @param progress gets what is looked at just now, one line
     * @throws IOException if this host has no policy to take contexts from
     */
    Sight survey(SurveyRequest request, ConfigReader.Result settings, Consumer<String> progress) throws IOException;
}
