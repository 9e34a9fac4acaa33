package labeler.lifecycle.hold;

import com.google.inject.AbstractModule;
import com.google.inject.Scopes;
import labeler.leftover.OtherFiles;
import labeler.tree.Trees;

/** VMs and the files that they hold. Needs a {@code Journal}, {@code OtherHosts}, and plans, walls and guarded monitors. */
public final class HoldModule extends AbstractModule {
    @Override
    protected void configure() {
        bind(HostLock.class).in(Scopes.SINGLETON);
        bind(Holdings.class).in(Scopes.SINGLETON);
        bind(Claims.class).in(Scopes.SINGLETON);
        bind(Ledger.class).in(Scopes.SINGLETON);
        bind(VmProcesses.class).in(Scopes.SINGLETON);
        bind(BootTime.class).in(Scopes.SINGLETON);
        bind(VmViews.class).in(Scopes.SINGLETON);
        bind(NotFollowed.class).toInstance(new NotFollowed());
        bind(LabelVerification.class).in(Scopes.SINGLETON);
        bind(AccessMatrixQuery.class).in(Scopes.SINGLETON);
        bind(HeldVms.class).in(Scopes.SINGLETON);
        bind(OtherFiles.class).to(FilesOfOthers.class).in(Scopes.SINGLETON);
        bind(Trees.OnRecord.class).to(TreeRecords.class).in(Scopes.SINGLETON);
    }
}
