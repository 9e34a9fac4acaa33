package labeler.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.api.OpenFilesJson;
import labeler.descriptors.Comparison;
import labeler.descriptors.DescriptorCheck;
import labeler.descriptors.KnownVm;
import labeler.json.Json.JsonObject;

/**
 * What VMs' processes have open, compared with what the service says that they should. It is the command that looks, run by
 * root: the service has no right to trace anybody, and is to have none.
 */
final class OpenFiles {
    /**
     * A disk that is just being attached or detached is where it belongs by then, most often. Nothing tells when: it is
     * qemu, asked by the service, by libvirt or by hand, that opens and closes, and the kernel reports neither for
     * another process's descriptors. So what is wrong twice is reported.
     */
    private static final Duration SECOND_LOOK = Duration.ofSeconds(1);

    private static final Comparison NOTHING_KNOWN = new Comparison.NotCompared("the service does not say which files");

    private final Main main;
    private final ServiceOptions service;

    OpenFiles(Main main, ServiceOptions service) {
        this.main = main;
        this.service = service;
    }

    /** Reports of a verification, with what came of looking. */
    List<JsonObject> compared(List<JsonObject> reports) {
        List<String> names =
                reports.stream().map(report -> report.text("vm").orElse("")).toList();
        Map<String, Comparison> found = compare(names);
        if (found.values().stream().anyMatch(Comparison::hasDrift) && waited()) {
            Map<String, Comparison> later = compare(names);
            found.replaceAll((name, first) -> first.confirmedBy(later.getOrDefault(name, first)));
        }
        return reports.stream()
                .map(report -> OpenFilesJson.with(
                        report, found.getOrDefault(report.text("vm").orElse(""), NOTHING_KNOWN)))
                .toList();
    }

    private Map<String, Comparison> compare(List<String> names) {
        Map<String, Comparison> comparisons = new LinkedHashMap<>();
        known().ifPresent(check ->
                names.forEach(name -> comparisons.put(name, check.of(name, main.host()::openFiles))));
        return comparisons;
    }

    private Optional<DescriptorCheck> known() {
        List<KnownVm> vms = new ArrayList<>();
        return service.getElements(main, "/v1/vms", vm -> vms.add(OpenFilesJson.vm(VmText.object(vm))))
                ? Optional.of(new DescriptorCheck(vms))
                : Optional.empty();
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
