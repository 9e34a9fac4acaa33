package labeler.host;

import com.google.inject.Injector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import labeler.adoption.DefinedDomains;
import labeler.config.Config;
import labeler.config.ConfigReader;
import labeler.fileset.FileSetBuilder;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.policy.SystemPrograms;
import labeler.reference.AllowedRoots;
import labeler.selinux.SelinuxHost;
import labeler.selinux.VirtualContexts;
import labeler.survey.Sight;
import labeler.survey.SurveyRequest;
import labeler.survey.look.HostLook;
import labeler.survey.look.HostSources;
import labeler.survey.look.ReadingLinux;
import labeler.work.FileSystemWork;
import labeler.work.WaitLimits;

/**
 * A survey of this machine, with a kernel that opens nothing but regular files, and waits for none for ever.
 *
 * @param read the service's settings: where images are, and what a header may name. The defaults count if they are invalid
 */
record HostSurvey(Linux linux, ConfigReader.Result read, boolean isRoot) {
    Sight look(SurveyRequest request, Consumer<String> progress) throws IOException {
        try (FileSystemWork work = new FileSystemWork(linux.fileSystems(), WaitLimits.DEFAULT)) {
            Linux reading = work.noting(ReadingLinux.of(linux));
            Injector injector = OfflineInjector.of(reading, ConfigReader.usable(read));
            HostSources sources = new HostSources(
                    work,
                    reading,
                    injector.getInstance(FileSetBuilder.class),
                    SelinuxHost.SYSTEM,
                    injector.getInstance(VirtualContexts.class),
                    domains(),
                    Path.of("/proc"));
            return new HostLook(sources, progress).look(known(request), directories(request));
        }
    }

    /** libvirt asks another user for a password, at the terminal. */
    private Optional<DefinedDomains> domains() {
        return isRoot ? Optional.of(new DefinedDomains(new SystemPrograms())) : Optional.empty();
    }

    /** Where no service has ever run, it holds no VM. That is known only of the place where its settings say it runs. */
    SurveyRequest known(SurveyRequest request) {
        boolean holdsNone = request.held().isEmpty()
                && read instanceof ConfigReader.Read(Config settings)
                && Files.notExists(
                        settings.service().stateDirectory().resolve("journal.db"), LinkOption.NOFOLLOW_LINKS);
        return holdsNone ? new SurveyRequest(request.directories(), Optional.of(List.of()), "") : request;
    }

    private List<HostPath> directories(SurveyRequest request) {
        return request.directories().isEmpty()
                ? ConfigReader.usable(read).image().roots().orElse(AllowedRoots.DISTRIBUTION)
                : request.directories();
    }
}
