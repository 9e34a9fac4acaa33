package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Operations in any order on a disk whose files are handed over: each succeeds, and the content stays. */
@Timeout(600)
class RandomDescriptorFlowsIT {
    private static final int OPERATIONS = Integer.getInteger("operations", 8);

    @TempDir
    Path temporary;

    private final List<String> done = new ArrayList<>();
    private int count;

    private static LongStream seeds() {
        return LongStream.rangeClosed(Integer.getInteger("seed", 1), Integer.getInteger("seeds", 6));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void a_disk_stays_whole(long seed) throws IOException {
        Random random = new Random(seed);
        try (ServiceFixture service = ServiceFixture.started(temporary)) {
            try (GuardedChain vm = start(service, (int) (seed % 3))) {
                for (int operation = 0; operation < OPERATIONS; operation++) {
                    run(vm, random);
                    tidy(vm);
                }
                assertThat(labelsOfJobs(vm)).isEmpty();
                String top = Path.of(vm.inserted().text("file").orElseThrow())
                        .getFileName()
                        .toString();
                vm.qemu().close();
                vm.whole(top);
            }
            service.assertNoStackTrace();
        } catch (AssertionError | IOException e) {
            throw new AssertionError("seed " + seed + ": " + done + ": " + e.getMessage(), e);
        }
    }

    private GuardedChain start(ServiceFixture service, int form) throws IOException {
        return switch (form) {
            case 0 -> GuardedChain.started(temporary, service);
            case 1 -> GuardedChain.byHeaders(temporary, service);
            default -> GuardedChain.asDrive(temporary, service);
        };
    }

    private static String labelsOfJobs(GuardedChain vm) throws IOException {
        return GuardedChain.objects(vm.done("{'execute':'query-jobs'}")).stream()
                .map(Object::toString)
                .findFirst()
                .orElse("");
    }

    /** The files of the disk, the uppermost first. */
    private static List<String> chain(GuardedChain vm) throws IOException {
        List<String> files = new ArrayList<>();
        Json image = vm.inserted().get("image").orElse(Json.nothing());
        while (image instanceof JsonObject layer) {
            files.add(layer.text("filename").orElse(""));
            image = layer.get("backing-image").orElse(Json.nothing());
        }
        return files;
    }

    private void run(GuardedChain vm, Random random) throws IOException {
        List<String> chain = chain(vm);
        String root = vm.inserted().text("node-name").orElse("");
        String file = vm.path("new" + ++count).toString();
        String job = "j" + count;
        String common = "'job-id':'" + job + "','device':'" + root + "'";
        int base = chain.size() < 2 ? 0 : 1 + random.nextInt(chain.size() - 1);
        switch (random.nextInt(7)) {
            case 0, 1 ->
                tell(
                        vm,
                        "{'execute':'blockdev-snapshot-sync','arguments':{'node-name':'" + root + "','snapshot-file':'"
                                + file + "','snapshot-node-name':'n" + count + "','format':'qcow2'}}");
            case 2 -> {
                if (chain.size() > 1) {
                    tell(
                            vm,
                            "{'execute':'block-commit','arguments':{" + common + ",'base':'" + chain.get(base) + "'}}");
                    complete(vm, job, "job-complete");
                }
            }
            case 3 -> {
                if (base > 1) {
                    tell(
                            vm,
                            "{'execute':'block-commit','arguments':{" + common + ",'base':'" + chain.get(base)
                                    + "','top':'" + chain.get(1 + random.nextInt(base - 1)) + "'}}");
                    vm.untilJob(job, "");
                }
            }
            case 4 -> {
                if (chain.size() > 1) {
                    String until = random.nextBoolean() ? ",'base':'" + chain.get(base) + "'" : "";
                    tell(vm, "{'execute':'block-stream','arguments':{" + common + until + "}}");
                    vm.untilJob(job, "");
                }
            }
            case 5 -> {
                tell(
                        vm,
                        "{'execute':'drive-mirror','arguments':{" + common + ",'target':'" + file
                                + "','format':'qcow2','sync':'" + sync(random) + "','node-name':'n" + count + "'}}");
                complete(vm, job, random.nextBoolean() ? "job-complete" : "job-cancel");
            }
            default -> {
                tell(
                        vm,
                        "{'execute':'drive-backup','arguments':{" + common + ",'target':'" + file
                                + "','format':'qcow2','sync':'" + sync(random) + "'}}");
                vm.untilJob(job, "");
                Files.deleteIfExists(Path.of(file));
            }
        }
    }

    /** The nodes of the command line stay until somebody removes them, and would be in the way of the next. */
    private static void tidy(GuardedChain vm) throws IOException {
        List<String> chain = chain(vm);
        for (String name : List.of("top", "middle", "base")) {
            if (!chain.contains(vm.path(name).toString()) && vm.nodes().contains(name)) {
                vm.done("{'execute':'blockdev-del','arguments':{'node-name':'" + name + "'}}");
                if (vm.nodes().contains(name + "-file")) {
                    vm.done("{'execute':'blockdev-del','arguments':{'node-name':'" + name + "-file'}}");
                }
            }
        }
    }

    private static String sync(Random random) {
        return random.nextBoolean() ? "top" : "full";
    }

    private void tell(GuardedChain vm, String command) throws IOException {
        done.add(command);
        vm.done(command);
    }

    private static void complete(GuardedChain vm, String job, String how) throws IOException {
        vm.untilJob(job, "ready");
        vm.done("{'execute':'" + how + "','arguments':{'id':'" + job + "'}}");
        vm.untilJob(job, "");
    }
}
