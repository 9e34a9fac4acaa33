package labeler.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.api.OpenFiles;
import labeler.api.Report.Verified;
import labeler.fileset.FileUse;
import labeler.lifecycle.FileView;
import labeler.lifecycle.VmView;
import labeler.openfiles.Comparison;
import labeler.openfiles.DescriptorCheck;
import labeler.openfiles.KnownVm;
import labeler.openfiles.KnownVm.KnownFile;
import labeler.openfiles.Look;
import labeler.openfiles.OpenMode;
import labeler.plan.Treatment;

/**
 * Compares the open files of VMs' processes with the service's account. The command does this, run by root. The service
 * has no right to trace other processes, and must not get it.
 */
final class OpenFilesCheck {
    /**
     * An attach or a detach in progress has mostly ended by then. qemu opens and closes the files, asked by the
     * service, by libvirt or by hand, and the kernel does not report this to other processes. So only differences that
     * both looks see are reported.
     */
    private static final Duration SECOND_LOOK = Duration.ofSeconds(1);

    private static final Comparison NOTHING_KNOWN =
            new Comparison.NotCompared("the service does not say which files", Look.Cause.NO_PROCESS);

    private final Surroundings surroundings;
    private final ServiceOptions service;
    private boolean failed;

    OpenFilesCheck(Surroundings surroundings, ServiceOptions service) {
        this.surroundings = surroundings;
        this.service = service;
    }

    /** Reports of a verification, with the results of the look. */
    List<Verified> compared(List<Verified> reports) {
        List<String> names =
                reports.stream().map(one -> one.report().vm().value()).toList();
        Map<String, Comparison> found = compare(names);
        if (found.values().stream().anyMatch(one -> one.hasDrift() || one.hasFailed()) && waited()) {
            Map<String, Comparison> later = compare(names);
            found.replaceAll((name, first) -> first.confirmedBy(later.getOrDefault(name, first)));
        }
        failed = found.values().stream().anyMatch(Comparison::hasFailed);
        return reports.stream()
                .map(one -> one.with(
                        OpenFiles.of(found.getOrDefault(one.report().vm().value(), NOTHING_KNOWN))))
                .toList();
    }

    /** Whether a process that runs could not be looked at, so that nobody may go by silence. */
    boolean hasFailed() {
        return failed;
    }

    private Map<String, Comparison> compare(List<String> names) {
        Map<String, Comparison> comparisons = new LinkedHashMap<>();
        known().ifPresent(check ->
                names.forEach(name -> comparisons.put(name, check.of(name, surroundings.host()::openFiles))));
        return comparisons;
    }

    private Optional<DescriptorCheck> known() {
        List<KnownVm> vms = new ArrayList<>();
        return service.getElements(surroundings, "/v1/vms", VmView.class, vm -> vms.add(known(vm)))
                ? Optional.of(new DescriptorCheck(vms))
                : Optional.empty();
    }

    private static KnownVm known(VmView vm) {
        return new KnownVm(
                vm.vm().value(),
                vm.pid(),
                vm.files().stream().map(OpenFilesCheck::known).toList());
    }

    private static KnownFile known(FileView file) {
        return new KnownFile(
                file.path(),
                file.identity(),
                file.treatment() == Treatment.PASS,
                file.handed().stream().anyMatch(OpenMode::writes)
                        || file.uses().stream().anyMatch(FileUse::isWriting),
                Set.copyOf(file.handed()));
    }

    private static boolean waited() {
        try {
            Thread.sleep(SECOND_LOOK);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
