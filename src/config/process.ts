/** Settings of this very process, made before any other module reads them: imported first by cli.ts. */

// Local getters in workflow code follow the process' zone: one zone on all machines keeps replays equal.
process.env['TZ'] = 'UTC';
// The AWS SDK announces its next major's Node version on every start; our own `engines` says what is supported.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

export {};
