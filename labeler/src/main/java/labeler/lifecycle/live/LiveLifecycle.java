package labeler.lifecycle.live;

import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import labeler.chain.ImageFormat;
import labeler.leftover.Leftover;
import labeler.leftover.ScanOutcome;
import labeler.leftover.ScanRequest;
import labeler.lifecycle.ArrivalOutcome;
import labeler.lifecycle.AttachOutcome;
import labeler.lifecycle.AttachRequest;
import labeler.lifecycle.DetachOutcome;
import labeler.lifecycle.DetachRequest;
import labeler.lifecycle.GuardOutcome;
import labeler.lifecycle.GuardRequest;
import labeler.lifecycle.MatrixOutcome;
import labeler.lifecycle.PlanOutcome;
import labeler.lifecycle.RecoveryReport;
import labeler.lifecycle.StartOutcome;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.StopOutcome;
import labeler.lifecycle.StopRequest;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.VmView;
import labeler.lifecycle.acquisition.HeldImages;
import labeler.lifecycle.disk.DiskHotplug;
import labeler.lifecycle.hold.HeldVms;
import labeler.lifecycle.start.GuardedStart;
import labeler.lifecycle.stop.LibvirtCleanup;
import labeler.lifecycle.stop.VmStop;
import labeler.linux.HostPath;
import labeler.review.TrustOutcome;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;

/**
 * The lifecycle over a real journal and kernel. Many threads work on VMs' files at once, without the lock. The records
 * change one VM at a time. Facts behind a decision still hold when it is made.
 */
record LiveLifecycle(
        Lifetime lifetime,
        GuardedStart steps,
        VmStop stop,
        LibvirtCleanup leaving,
        DiskHotplug hotplug,
        HeldImages images,
        HeldVms vms)
        implements VmLifecycle {
    @Inject
    LiveLifecycle {}

    @Override
    public void awaitRecovery() {
        lifetime.awaitRecovery();
    }

    @Override
    public boolean isRecovered() {
        return lifetime.isRecovered();
    }

    @Override
    public PlanOutcome plan(StartRequest request) {
        return steps.plan(request);
    }

    @Override
    public StartOutcome start(StartRequest request) {
        return steps.start(request);
    }

    @Override
    public ArrivalOutcome arrival(StartRequest request) {
        return steps.arrival(request);
    }

    @Override
    public Optional<VmReport> stop(VmName name, Optional<VmDefinition> last) {
        Optional<VmReport> report = stop.stop(name, last);
        lifetime.recovery().settleIfCrowded();
        return report;
    }

    @Override
    public Optional<StopOutcome> release(VmName name, VmDefinition last) {
        Optional<StopOutcome> outcome = stop.release(name, last);
        lifetime.recovery().settleIfCrowded();
        return outcome;
    }

    @Override
    public Optional<StopOutcome> stop(StopRequest request) {
        Optional<StopOutcome> outcome = stop.stop(request);
        lifetime.recovery().settleIfCrowded();
        return outcome;
    }

    @Override
    public RecoveryReport recover(boolean dryRun, boolean forgetLost) {
        return lifetime.recovery().recover(dryRun, forgetLost);
    }

    @Override
    public void replaceLostTables() {
        lifetime.recovery().replaceLostTables();
    }

    @Override
    public ScanOutcome scan(ScanRequest request, Consumer<Leftover> mended) {
        return leaving.scan(request, mended);
    }

    @Override
    public TrustOutcome trust(HostPath image, Optional<ImageFormat> format, boolean dryRun) {
        return images.trust(image, format, dryRun);
    }

    @Override
    public Optional<AttachOutcome> attach(AttachRequest request) {
        return vms.has(request.name()) ? Optional.of(hotplug.attach(request)) : Optional.empty();
    }

    @Override
    public Optional<DetachOutcome> detach(DetachRequest request) {
        if (!vms.has(request.name())) {
            return Optional.empty();
        }
        DetachOutcome outcome = hotplug.detach(request);
        lifetime.recovery().settleIfCrowded();
        return Optional.of(outcome);
    }

    @Override
    public Optional<GuardOutcome> guard(GuardRequest request) {
        return vms.has(request.name()) ? Optional.of(steps.guard(request)) : Optional.empty();
    }

    @Override
    public Optional<VmView> status(VmName name) {
        return vms.status(name);
    }

    @Override
    public List<VmName> names() {
        return vms.names();
    }

    @Override
    public Held held() {
        return vms.held();
    }

    @Override
    public Optional<VmReport> relabel(VmName name, boolean dryRun) {
        return vms.relabel(name, dryRun);
    }

    @Override
    public Optional<VmReport> verify(VmName name) {
        return vms.verify(name);
    }

    @Override
    public MatrixOutcome matrix(Optional<VmName> name) {
        return vms.matrix(name);
    }

    @Override
    public MatrixOutcome ownMatrix(VmName name) {
        return vms.ownMatrix(name);
    }
}
