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
import labeler.descriptors.Comparison;
import labeler.descriptors.DescriptorCheck;
import labeler.descriptors.KnownVm;
import labeler.descriptors.KnownVm.KnownFile;
import labeler.descriptors.OpenMode;
import labeler.lifecycle.FileView;
import labeler.lifecycle.VmView;
import labeler.plan.Treatment;
import labeler.vm.UseAccess;

/**
 * What VMs' processes have open, compared with what the service says that they should. It is the command that looks, run by
 * root: the service has no right to trace anybody, and is to have none.
 */
final class OpenFilesCheck {
    /**
     * A disk that is just being attached or detached is where it belongs by then, most often. Nothing tells when: it is
     * qemu, asked by the service, by libvirt or by hand, that opens and closes, and the kernel reports neither for
     * another process's descriptors. So what is wrong twice is reported.
     */
    private static final Duration SECOND_LOOK = Duration.ofSeconds(1);

    private static final Comparison NOTHING_KNOWN = new Comparison.NotCompared("the service does not say which files");

    private final Surroundings surroundings;
    private final ServiceOptions service;

    OpenFilesCheck(Surroundings surroundings, ServiceOptions service) {
        this.surroundings = surroundings;
        this.service = service;
    }

    /** Reports of a verification, with what came of looking. */
    List<Verified> compared(List<Verified> reports) {
        List<String> names =
                reports.stream().map(one -> one.report().vm().value()).toList();
        Map<String, Comparison> found = compare(names);
        if (found.values().stream().anyMatch(Comparison::hasDrift) && waited()) {
            Map<String, Comparison> later = compare(names);
            found.replaceAll((name, first) -> first.confirmedBy(later.getOrDefault(name, first)));
        }
        return reports.stream()
                .map(one -> one.with(
                        OpenFiles.of(found.getOrDefault(one.report().vm().value(), NOTHING_KNOWN))))
                .toList();
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
                        || file.uses().stream().anyMatch(use -> use.access() != UseAccess.READ_ONLY),
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
